"""`claims show` and `claims cite`: what a record holds, in the terminal."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from memorization_claims.cli.main import main
from memorization_claims.tests.reported import count, entry, record, unmeasured

KNOWN = entry("T02", verdict="refuted", expected="refuted", because="far below")
MIXED = record(entry("T01"), KNOWN, entry("T03", verdict="refuted", because="below"), unmeasured("T04"))
PAPERS = {
    "b2020": {"short": "B 2020", "bibtex": "\n@misc{b2020,\n}\n"},
    "a2021": {"short": "A 2021", "bibtex": "@misc{a2021,\n}"},
    "unjudged": {"short": "C 2022", "bibtex": "@misc{unjudged}"},
}


def called(folder: Path, made: dict[str, Any], name: str, *arguments: str) -> tuple[int, str]:
    """The exit status and the output of a command on a record."""
    (folder / "verdicts.json").write_text(json.dumps(made), encoding="utf-8")
    done = CliRunner().invoke(main, [name, str(folder), *arguments])
    return done.exit_code, done.output


@pytest.mark.parametrize(
    ("flags", "shown", "explained"),
    [
        ([], ["T01", "T02", "T03", "T04"], ["T03", "T04"]),
        (["--refuted"], ["T02", "T03"], ["T02", "T03"]),
        (["--undecided"], ["T04"], ["T04"]),
        (["--supported"], ["T01"], []),
        (["--refuted", "--undecided"], ["T02", "T03", "T04"], ["T02", "T03", "T04"]),
    ],
)
def test_verdicts_are_shown(tmp_path: Path, flags: list[str], shown: list[str], explained: list[str]) -> None:
    """Those asked for, and why those that are refuted or undecided are so."""
    status, told = called(tmp_path, MIXED, "show", *flags)
    assert status == 0
    table, legend, *sentences = told.split("\n\n")
    assert legend.startswith("The effect is the median over seeds.")
    assert [line.split()[0] for line in table.splitlines() if line.startswith("T")] == shown
    assert [line.split()[0] for line in sentences[0].splitlines() if line.startswith("T")] == explained
    assert sentences[-1].startswith("4 items of 4 claims judged. 1 supported; 1 refuted, known; 1 undecided; ")


def test_items_that_are_named(tmp_path: Path) -> None:
    """By their claim or one by one, with all that the record has of them; others are refused."""
    departing = entry("T01[a]", departs=["smaller nets"], known="seen before", margin_reason="less is nothing")
    mixed = record(departing, entry("T01[b]"), entry("T02"))
    for ids, shown in ((["T01"], ["T01[a]", "T01[b]"]), (["T02", "T01[a]"], ["T01[a]", "T02"])):
        status, told = called(tmp_path, mixed, "show", *ids)
        assert status == 0
        assert [line.split()[0] for line in told.split("\n\n")[0].splitlines() if line.startswith("T")] == shown
    for said in ("refuted by: ", ": less is nothing", "found before: seen before", "departs: smaller nets"):
        assert f"    {said}" in told or f"{said}\n" in told
    status, told = called(tmp_path, mixed, "show", "T09")
    assert status == 2
    assert "has no item 'T09'; legal are T01, T02, and their items" in told


def test_fragile_verdicts_are_counted(tmp_path: Path) -> None:
    """Beside the chance of the same in the table."""
    _, told = called(tmp_path, record(entry("T01"), entry("T02", count=count(replicates=0.5))), "show")
    assert told.endswith(" 2 supported; 0 refuted, known; 0 undecided. 1 verdict is fragile.\n")
    assert "50 %, fragile" in told


def test_nothing_to_show(tmp_path: Path) -> None:
    """A sentence says that there is no such item, or none at all."""
    status, told = called(tmp_path, record(entry()), "show", "--refuted", "--undecided")
    assert status == 0
    assert told.startswith("No item is refuted or undecided.\n")
    assert called(tmp_path, record(), "show", "--refuted") == (0, "No claim was judged.\n")


def test_a_control_says_so(tmp_path: Path) -> None:
    """The verdicts of a mutant are not the papers'."""
    _, told = called(tmp_path, record(entry(), options={"mutant": "dead-nets"}), "show")
    assert told.endswith(
        "A control, which says nothing of the papers: the science was broken by the mutant dead-nets.\n"
    )


def test_papers_are_cited(tmp_path: Path) -> None:
    """Those of judged claims once each, and this software."""
    made = record(entry("T01", paper="b2020"), entry("T02", paper="b2020"), entry("T03", paper="a2021"), papers=PAPERS)
    status, told = called(tmp_path, made, "cite")
    assert status == 0
    assert told.startswith("@misc{a2021,\n}\n\n@misc{b2020,\n}\n\n@software{memorization_claims,\n")
    assert f"  version = {{{version('memorization-claims')}}},\n}}\n" in told
    assert "author = {{The memorization-claims maintainers}}," in told
    assert told.count("@misc") == 2


def test_the_version_that_judged_is_cited(tmp_path: Path) -> None:
    """Not the one that reads the record, where the record knows."""
    made = record(entry("T01", paper="b2020"), papers=PAPERS, environment={"memorization_claims": "0.0.7"})
    assert "  version = {0.0.7},\n" in called(tmp_path, made, "cite")[1]


def test_a_record_without_papers(tmp_path: Path) -> None:
    """What is damaged is named."""
    status, told = called(tmp_path, record(entry(), papers={}), "cite")
    assert status == 2
    assert "is a damaged record: claims[0].paper is 'zhang2017', which papers does not hold; legal are" in told
