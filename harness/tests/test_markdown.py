"""The report in Markdown, and what it shares with the HTML one: counts, the chance of a false alarm, surprises."""

from __future__ import annotations

from typing import Any

import pytest

from memorization_claims.reports import alarms, summary
from memorization_claims.reports.markdown import markdown
from memorization_claims.reports.matrix import Failing
from memorization_claims.tests.reported import WHOLE, count, entry, record, unmeasured


def rows(text: str) -> list[list[str]]:
    """The cells of all lines of all tables, but for heads."""
    lines = [line for line in text.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def test_the_table() -> None:
    """A line for each item with the columns of the HTML report; a claim that several items share is told once."""
    text = markdown(WHOLE)
    assert [row[0].strip("`") for row in rows(text)] == [
        claim["id"] for entries in summary.by_paper(WHOLE).values() for claim in entries
    ]
    assert all(len(row) == 9 for row in rows(text))
    assert "The effect is the median over seeds." in text
    first, second = rows(markdown(record(entry(), entry("T01[y]", says=entry()["says"]))))
    assert first == [
        "`T01[x]`",
        "The claim of T01\\[x\\].",
        "supported",
        "\\>99 %",
        "accuracy: a - b",
        "3 \\[2, 4\\]",
        "\\> 1",
        "3",
        "1.2",
    ]
    assert second[1] == ""


def test_mutants_have_a_column_where_they_are_known() -> None:
    """How many take a claim's support, and how many of a kind that takes any; nothing where none was tried."""
    shown = record(entry("T01"), entry("T02"), entry("T03"))
    first, second, _ = (claim["nodeid"] for claim in shown["claims"])
    caught = {first: Failing(["wrong-norm", "same-net-twice"], ["zero-learning-rate"]), second: Failing([], [])}
    assert [row[-1] for row in rows(markdown(shown, caught))] == ["2, 1 blunt", "0", ""]


@pytest.mark.parametrize(
    ("shown", "told"),
    [
        (record(), "No claim was judged."),
        (record(options={"placebo": True}), "**A control, which says nothing of the papers**: conditions were"),
        (record(stopped="interrupted"), "The session was stopped before its end (interrupted)."),
        (record(entry("T01", verdict="refuted", because="it fell")), "- `T01` refuted, not expected: it fell"),
        (record(entry("T01", verdict="refuted")), "| **refuted, not expected** |"),
        (
            record(entry("T01", expected="undecided", because="it rose")),
            "now\n\n- `T01` supported, was undecided: it rose",
        ),
        (record(unmeasured("T01")), "- `T01` undecided: a run diverged"),
        (record(unmeasured("T01", expected="undecided")), "| undecided, known |"),
        (record(entry(count=count(replicates=0.875))), "1 item of 1 claim judged. 1 verdict is fragile."),
        (record(entry(count=count(replicates=0.875))), "| 87 %, fragile |"),
        (record(errors=[{"nodeid": "t.py", "message": "boom"}]), "## Errors\n\n- `t.py`: boom"),
        (record(skipped=[{"nodeid": each, "reason": "no GPU"} for each in "ab"]), "## Skipped\n\n- 2: no GPU"),
        (record(entry()), "**1** supported; **0** refuted, known; **0** undecided."),
        (
            record(entry(), entry(kind="exact")),
            "decides 1 of them, each at alpha = 0.0005 over all looks: the chance of even one false support is at most "
            "0.05 %",
        ),
        (record(), "python 3.11, device cpu, commit 0123abcd"),
    ],
)
def test_what_sessions_leave(shown: dict[str, Any], told: str) -> None:
    """A session that judged nothing, was stopped, or met errors says so."""
    assert told in markdown(shown)


def test_what_comes_from_outside_is_text() -> None:
    """Marks of Markdown, bars and line breaks stay what they are."""
    (row,) = rows(markdown(record(entry(says="a|b\n<c> *d* [e](f) `g`"))))
    assert row[1] == "a\\|b \\<c\\> \\*d\\* \\[e\\](f) \\`g\\`"


def test_the_chance_of_a_false_alarm() -> None:
    """One alpha for each item that a test decides; theorems have none, and a chance is at most 1."""
    alarm = summary.false_alarm(record(entry(), entry(), entry(kind="exact")))
    assert (alarm["tested"], alarm["exact"], alarm["bound"]) == (2, 1, 0.001)
    assert summary.false_alarm(record(*[entry()] * 3000))["bound"] == 1


def test_papers_are_told_apart() -> None:
    """Also where names have commas; a seeded test is of its file."""
    shorts = {"one": "Smith, Jones 2021", "two": "Smith, Li 2020"}
    papers = {key: {"short": short, "bibtex": ""} for key, short in shorts.items()}
    ended = [entry("T01", paper="one"), entry("T02", paper="two"), entry("T03", paper="", nodeid="test_a.py::test_b")]
    found = summary.by_paper(record(*ended, papers=papers))
    assert {name: [each["id"] for each in entries] for name, entries in found.items()} == {
        **{"Smith, Li 2020": ["T02"], "Smith, Jones 2021": ["T01"], "test_a.py": ["T03"]}
    }


def test_what_leans_is_listed() -> None:
    """With its runs, and not under what is not as expected."""
    page = markdown(record(entry(verdict="undecided", because="8 of 12", leans=True)))
    assert "## Leaning\n\n- `T01[x]` undecided, leaning: 8 of 12" in page
    assert "Not as expected" not in page


@pytest.mark.parametrize(
    ("alarm", "said"),
    [(0.0, "too few seeds for any to refute something."), (0.6, "by chance any session may refute what is true.")],
)
def test_seeded_tests_that_never_refute_or_always_may(alarm: float, said: str) -> None:
    """Nothing is divided by nothing."""
    assert alarms.sentence([entry(alarm=alarm), entry(alarm=alarm)]) == f"2 seeded tests: {said}"


def test_the_tally() -> None:
    """Every item is counted once, whatever it ended as and whatever was expected."""
    verdicts = ("supported", "refuted", "undecided")
    ended = [entry(verdict=verdict, expected=expected) for verdict in verdicts for expected in verdicts]
    assert summary.tally(record(*ended)) == [
        *((1, "supported", "supported"), (1, "refuted, known", "refuted")),
        *((1, "undecided, known", "undecided"), (2, "undecided", "undecided")),
        *((1, "supported, not expected", "supported"), (1, "refuted, not expected", "refuted")),
        *((1, "supported, was undecided", "supported"), (1, "refuted, was undecided", "refuted")),
    ]
    assert [number for number, _, _ in summary.tally(record(entry()))] == [1, 0, 0]
    assert summary.tally(record()) == []


def test_the_chance_that_seeded_tests_fail_is_told_apart() -> None:
    """Their levels add up, whatever claims are beside them."""
    alarm = summary.false_alarm(record(entry(), entry(alarm=0.0004), entry(alarm=0.0001)))
    assert alarm["tested"] == 1
    assert alarm["seeded"] == "2 seeded tests: by chance at most one session in 2,000 refutes what is true."
    assert alarm["seeded"] in markdown(record(entry(alarm=0.0004), entry(alarm=0.0001)))
    assert summary.false_alarm(record(entry()))["seeded"] == ""
