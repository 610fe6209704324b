"""The page: what the template shows, from the record alone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from memorization_claims.reports import effects, summary
from memorization_claims.reports.html import figures, forest, strips, svg
from memorization_claims.reports.matrix import Failing
from memorization_claims.reports.summary import Record

TEMPLATES = Path(__file__).parent / "templates"
SHARED = ("says", "source", "scale", "dataset", "refuted_by", "margin_reason", "departs")
"""What the items of one test have in common and a reader is told once."""


def page(record: Record, caught: Mapping[str, Failing] | None = None) -> str:
    """The whole report as one HTML file.

    Args:
        record: as `verdicts.json` holds it.
        caught: the mutants that take each test's support away, by its id.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "label": effects.label,
        "ending": effects.ending,
        "numbers": effects.numbers,
        "margin": effects.margin,
        "runs": effects.runs,
        "again": effects.again,
        "surprises": effects.surprises,
    }
    links = _links(record["claims"])
    with svg.style():
        return environment.get_template("report.html").render(
            record=record,
            css=Markup((TEMPLATES / "report.css").read_text(encoding="utf-8")),
            tally=summary.tally(record),
            counts=summary.counts(record),
            aside=summary.aside(record),
            options=summary.options(record),
            where=summary.where(record),
            control=summary.control(record),
            alarm=summary.false_alarm(record),
            legend=summary.LEGEND,
            refuted=summary.known(record, "refuted"),
            undecided=summary.known(record, "undecided"),
            unexpected=summary.unexpected(record),
            decided=summary.decided(record),
            leaning=summary.leaning(record),
            fragile=summary.fragile(record),
            skipped=summary.skipped(record),
            papers=[_paper(name, entries) for name, entries in summary.by_paper(record).items()],
            forests=_forests(record, links),
            figures=[_figure(panels) for panels in figures.order(record["figures"])],
            links=links,
            caught=caught,
        )


def _links(entries: Sequence[effects.Entry]) -> dict[str, str]:
    """The address of each item's place in the page, by the id of its test."""
    links: dict[str, str] = {}
    for entry in entries:
        name = re.sub(r"[^\w.-]+", "-", f"{entry['id']}-{entry['scale']}").strip("-")
        while f"#{name}" in links.values():
            name += "-"
        links[entry["nodeid"]] = f"#{name}"
    return links


def _paper(name: str, entries: Sequence[effects.Entry]) -> dict[str, Any]:
    """A paper's claims, each with what its items share, and the items with their charts."""
    groups: dict[str, list[effects.Entry]] = {}
    for entry in entries:
        shared = [entry[key] for key in SHARED]
        groups.setdefault(repr((entry["nodeid"].partition("[")[0], shared)), []).append(entry)
    claims = [
        {
            **{key: group[0][key] for key in SHARED},
            "place": group[0]["source"].removeprefix(name).lstrip(", "),
            "margin": next((entry["effect"]["margin"] for entry in group if entry["effect"]), None),
            "items": [{"entry": entry, "strip": strips.strip(entry)} for entry in group],
        }
        for group in groups.values()
    ]
    return {"name": name, "claims": claims}


def _forests(record: Record, links: Mapping[str, str]) -> list[dict[str, Any]]:
    """A forest plot for each paper that has claims to show."""
    ends = forest.limits(record["claims"])
    plots = []
    for name, entries in summary.by_paper(record).items():
        if shown := forest.shown(entries):
            title = f"{name}: how far the effects of {len(shown)} items lie beyond their margins"
            plots.append({"name": name, "chart": forest.forest(shown, links, ends, title=title)})
    return plots


def _figure(panels: Sequence[figures.Panel]) -> dict[str, Any]:
    """One figure of a paper: what the paper says, and our panels."""
    first = panels[0]
    return {
        **{key: first[key] for key in ("paper", "figure", "says")},
        "panels": [
            {"panel": panel, "chart": chart} for panel, chart in zip(panels, figures.drawn(panels), strict=True)
        ],
    }
