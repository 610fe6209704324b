"""The HTML report: one file that stands alone, for eyes, ears, phones and paper."""

from __future__ import annotations

import copy
import re
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest

from memorization_claims.reports.html import page as module
from memorization_claims.reports.html.page import page
from memorization_claims.reports.matrix import Failing
from memorization_claims.reports.summary import Record
from memorization_claims.tests import reported
from memorization_claims.tests.reported import WHOLE, count, entry, record, unmeasured

VOID = {"meta", "link", "img", "br", "hr", "input"}
CSS = (module.TEMPLATES / "report.css").read_text(encoding="utf-8")
FULL = {**WHOLE, "figures": list(reported.PANELS)}


class Page(HTMLParser):
    """A page taken apart; refuses tags that are not closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag with its attributes."""
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag that is closed at once."""
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """Close the tag that was opened last."""
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note what is read."""
        if self._open and self._open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        """What is read, in one line."""
        return " ".join(" ".join(self.words).split())

    def of(self, *tags: str) -> list[dict[str, str | None]]:
        """The attributes of these tags."""
        return [attributes for tag, attributes in self.tags if tag in tags]


@cache
def full() -> Page:
    """The page of a record of every kind of claim, with a panel of each kind."""
    return Page(page(FULL))


def read(shown: Record, **arguments: Any) -> str:
    """What is read on the page of a record."""
    return Page(page(shown, **arguments)).text


def test_the_page_stands_alone() -> None:
    """Nothing is fetched, nothing is run."""
    assert not full().of("script", "link", "iframe", "object", "embed", "base")
    for attributes in full().of(*{tag for tag, _ in full().tags}):
        assert not any(name.startswith("on") for name in attributes)
        for name in ("src", "href"):
            assert (attributes.get(name) or "#").startswith(("#", "data:image/png;base64,"))
    assert "url(" not in CSS.replace("url(#", "")
    assert "@import" not in CSS


def test_every_link_leads_somewhere() -> None:
    """Names are unique over all charts, and whatever refers to one finds it."""
    names = [attributes["id"] for _, attributes in full().tags if "id" in attributes]
    assert len(names) == len(set(names))
    for _, attributes in full().tags:
        for name, value in attributes.items():
            if name == "href" and (value or "").startswith("#"):
                assert (value or "")[1:] in names
            assert set(re.findall(r"url\(#([^)]*)\)", value or "")) <= set(names)
            if name == "aria-labelledby":
                assert value in names
    items = [f"#{attributes['id']}" for attributes in full().of("section") if attributes.get("class") == "item"]
    linked = [attributes.get("href") for attributes in full().of("a")]
    assert len(items) == len(WHOLE["claims"])
    assert set(items) <= set(linked)


def test_every_claim_is_told() -> None:
    """What it says, where, how it ended and why."""
    for claim in WHOLE["claims"]:
        for words in (claim["id"], claim["says"], claim["source"].partition(", ")[2], claim["because"][1:]):
            assert " ".join(words.split()) in full().text


def test_the_page_can_be_heard() -> None:
    """A language, headings in order, names of charts and images, and what each cell of a table belongs to."""
    assert full().of("html") == [{"lang": "en"}]
    levels = [int(tag[1]) for tag, _ in full().tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert all(chart["aria-label"] and chart["role"] in ("img", "group") for chart in full().of("svg"))
    assert all(image["alt"] for image in full().of("img"))
    assert {header.get("scope") for header in full().of("th")} == {"col", "row", "rowgroup"}
    assert len(full().of("caption")) == len(full().of("table"))


def test_the_same_record_gives_the_same_page() -> None:
    """To the byte, so that reports can be compared."""
    assert page(FULL) == page(copy.deepcopy(FULL))


def test_the_summary() -> None:
    """How many ended how, how likely a false alarm is, and what does not hold."""
    text = full().text
    assert (
        "7 supported 1 refuted, known 1 undecided, known 2 undecided 1 refuted, not expected "
        "1 refuted, was undecided 13 items of 12 claims judged. 1 item skipped."
    ) in text
    assert re.search(r"at most 12 . 0\.0005 = 0\.6 %, however effects are distributed", text)
    assert "One other is a theorem, checked case by case" in text


@pytest.mark.parametrize(
    ("heading", "told"),
    [
        ("Not as expected", ["T01[y]", "T03", "T12"]),
        ("Decided now", ["T06"]),
        ("What does not hold here", ["T04"]),
        ("What is undecided here", ["T02"]),
        ("What is fragile", ["T02", "T03"]),
    ],
)
def test_what_wants_a_look_is_listed(heading: str, told: list[str]) -> None:
    """Before the table, each with a link."""
    part = page(FULL).split(f">{heading}</h2>")[1].split("</section>")[0]
    assert re.findall(r'<a href="#[^"]*">([^<]*)</a>', part) == told


def test_the_chance_of_the_same_verdict_stands_with_each() -> None:
    """In the table and beside its runs, with the p-values of both answers."""
    text = read(record(entry(count=count(runs=24, beyond=22, short=2, replicates=0.875))))
    assert text.count("87 %, fragile") == 2
    assert (
        "22 runs for the claim (p = 0.00024), 2 against it (p = 1). The same verdict at a fresh base seed: 87 %" in text
    )
    assert "; 24 seeds" not in text
    assert "24 seeds; 1.0 s of training" in text


@pytest.mark.parametrize(
    ("shown", "told"),
    [
        (record(), "No claim was judged."),
        (record(unmeasured()), "0 supported 0 refuted, known 1 undecided 1 item of 1 claim judged."),
        (record(unmeasured()), "T09 undecided : a run diverged"),
        (
            record(entry(verdict="refuted", expected="refuted", known="far below")),
            "T01[x] : far below (3 of 3 runs exceed)",
        ),
        (record(entry(verdict="refuted")), "1 refuted, not expected"),
        (record(stopped="stopping after 1 failures"), "was stopped before its end (stopping after 1 failures)"),
        (record(errors=[{"nodeid": "t.py", "message": "boom"}]), "No claim was judged. 1 error."),
        (record(skipped=[{"nodeid": "t.py", "reason": "no GPU"}]), "Skipped: no GPU t.py"),
        (record(options={"placebo": True}), "nothing of the papers: conditions were exchanged at random"),
        (record(options={"mutant": "dead-nets"}), "broken by the mutant dead-nets."),
        (record(), "device cpu, commit 0123abcd"),
        (record(entry(known="the opposite")), "Known: the opposite."),
        (record(entry(notes=["a tail"])), "A tail."),
        (record(entry(departs=["smaller"])), "Departures smaller"),
        (record(entry()), "Refuted by its opposite Margin 1: as in the test"),
        (record(entry()), "torch unknown"),
        (record(entry()), "dataset as each claim says base seed 0 placebo no"),
    ],
)
def test_what_sessions_leave(shown: Record, told: str) -> None:
    """A session that judged nothing, was stopped, or met errors has a report that says so."""
    assert told in read(shown)


def test_what_comes_from_outside_is_text() -> None:
    """Messages, names and data paths cannot become markup, in charts neither."""
    bad = "<script>alert('x')</script>"
    samples = {bad: [1.0, 5.0, 6.0], "b": [0.0, 1.0, 2.0]}
    effect = {"name": bad, "unit": bad}
    hostile = record(
        entry(samples=samples, effect=effect, because=bad, says=bad, dataset=bad, id=bad, notes=[bad], departs=[bad]),
        errors=[{"nodeid": bad, "message": bad}],
        skipped=[{"nodeid": bad, "reason": bad}],
        figures=[reported.panel("lines", reported.line(bad, 1.0, 2.0), says=bad, panel=bad, ylabel=bad)],
        options={bad: bad},
        stopped=bad,
    )
    shown = Page(page(hostile, caught={hostile["claims"][0]["nodeid"]: Failing([bad], [bad])}))
    assert not shown.of("script")
    assert shown.text.count(bad) > 10


def test_mutants_are_told_where_they_are_known() -> None:
    """The names of those that take a claim's support, or that there is none; nothing where none was tried."""
    shown = record(entry(), entry("T02"), entry("T03"))
    first, second, _ = (claim["nodeid"] for claim in shown["claims"])
    blunt = ["zero-learning-rate", "dead-nets"]
    text = read(shown, caught={first: Failing(["wrong-norm", "same-net-twice"], []), second: Failing([], blunt)})
    assert "Fails with wrong-norm, same-net-twice." in text
    assert text.count("Fails with") == 2
    assert "Fails with no mutant that breaks what it says." in text
    assert text.count("whatever they say: zero-learning-rate, dead-nets.") == 1
    assert "Fails with" not in read(shown)


def test_items_of_one_test_are_told_together() -> None:
    """What they share once, what differs with each."""
    items = [entry(f"T01[{name}]", nodeid=f"t.py::test[fast-{name}]", says="One claim.") for name in "xyz"]
    items[2]["departs"] = ["another net"]
    shown = Page(page(record(*items)))
    assert len(shown.of("article")) == 2
    assert [tag["class"] for tag in shown.of("section") if tag.get("class")] == ["item"] * 3


def test_figures_stand_in_the_papers_order() -> None:
    """By paper and number, each with what the paper says; panels that share a figure stand together."""
    text = full().text
    places = [text.index(f"Zhang et al. 2017, figure {number} ") for number in ("1a", "2", "3", "10")]
    assert places == sorted(places)
    assert text.count("The paper: All labels are fitted.") == 4
    assert "MLP , Z01[x], fast on digits, 2 seeds" in text
    assert [image["alt"] for image in full().of("img")] == ["net, 0", "net, 2"]


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, 1 to 21 (WCAG 2.2, relative luminance)."""

    def luminance(colour: str) -> float:
        parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_in_closed_form() -> None:
    """Black on white, and the least grey that WCAG takes for text."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("mode", [0, 1, 2], ids=["light", "dark", "print"])
def test_colours_can_be_told_from_their_ground(mode: int) -> None:
    """Text by 4.5 to 1, lines and dots by 3 to 1, in each of the three palettes, which name the same colours."""
    palettes = [dict(re.findall(r"--([\w-]+): (#\w{6})", block)) for block in re.findall(r":root \{(.*?)\}", CSS, re.S)]
    palette = palettes[mode]
    assert palette.keys() == palettes[0].keys()
    for ground in ("paper", "raised", "tint"):
        for name in ("ink", "muted", "link", "supported", "refuted", "undecided", "alarm"):
            assert contrast(palette[name], palette[ground]) >= 4.5, (name, ground)
        for number in range(1, 9):
            assert contrast(palette[f"series-{number}"], palette[ground]) >= 3, (number, ground)
