"""The table of verdicts: every claim's name whole, at the width that the terminal has."""

from __future__ import annotations

import re
from typing import Any

import pytest

from memorization_claims.reports import terminal
from memorization_claims.tests import reported

BECAUSE = "of 24 runs 15 exceed the margin 0.1 and 9 fall short of the margin 0.1, where 22 decide; median 12.35"


def entry(id: str, verdict: str, expected: str = "supported", **changes: Any) -> dict[str, Any]:
    """What the table reads of an entry."""
    effect = {"name": "critical sample ratio: random labels - true labels", "unit": "points"}
    effect |= {"estimate": 12.3456, "low": 10.01, "high": 14.5, "margin": 0.1, "standardized": 3.0}  # type: ignore[dict-item]
    return {
        **{"id": id, "verdict": verdict, "expected": expected, "effect": effect, "because": BECAUSE},
        **{"kind": "above", "count": reported.count(runs=24)},
        **{"says": f"What {id} says in a sentence.", "source": "Zhang et al. 2017, section 2.1", "scale": "fast"},
        **{"seeds": list(range(12)), "seconds": {"training": 41.0, "measuring": 1.26, "wall": 50.0}},
        **changes,
    }


ENTRIES = [
    entry("Z01[mlp-1x512]", "supported"),
    entry("G10[rise-inception-nobn-accuracy]", "refuted", "refuted"),
    entry("G02[stage]", "supported", "refuted"),
    entry("A16[randX]", "refuted"),
    entry("A21", "undecided", effect=None, count=None),
    entry("A23[rises]", "undecided", "undecided", count=reported.count(runs=192, replicates=0.9899)),
    entry("A24", "supported", "undecided"),
]


@pytest.mark.parametrize("width", [40, 50])
def test_every_number_is_readable_where_columns_are_few(width: int) -> None:
    """Each claim has lines of its own: id and verdict, effect and interval, what it is of, and the rest."""
    shown = terminal.table(ENTRIES, width=width, color=False)
    lines = shown.splitlines()
    assert max(map(len, lines)) <= width
    at = lines.index("Z01[mlp-1x512] supported")
    assert lines[at + 1].rstrip() == "    12.3 [10, 14.5] points"
    last = [line.strip() for line in lines if line.endswith("42.3 s")]
    assert last[-4:] == ["again >99 %, n 24, 42.3 s", "n 12, 42.3 s", "again 98 %, fragile, n 192, 42.3 s", last[0]]
    assert " ".join(shown.split()).count("critical sample ratio: random labels - true labels") == len(ENTRIES) - 1
    assert BECAUSE in " ".join(shown.split())


@pytest.mark.parametrize("width", [80, 100, 140])
def test_the_table_keeps_to_its_width(width: int) -> None:
    """No line is longer than the terminal, and every claim's id stands whole at the start of a line."""
    lines = terminal.table(ENTRIES, width=width, color=False).splitlines()
    assert max(map(len, lines)) <= width
    starts = [line.split()[0] for line in lines if line[:1].strip()]
    assert starts == ["claim", *(each["id"] for each in ENTRIES)]


def test_a_wide_table_has_a_line_for_each_claim() -> None:
    """Where the width allows, an effect and its name share a line, and the chance of the same verdict has a column."""
    lines = terminal.table(ENTRIES[:4], width=140, color=False).splitlines()
    assert len(lines) == 1 + 4
    assert lines[0].split()[:3] == ["claim", "verdict", "again"]
    assert re.search(r"supported +>99 % +12\.3 \[10, 14\.5\] points +critical sample ratio: random", lines[1])
    assert re.search(r" 24 +42\.3$", lines[1].rstrip())


@pytest.mark.parametrize(("width", "below"), [(80, "98 %, fragile"), (140, "fragile")])
def test_a_fragile_verdict_is_marked(width: int, below: str) -> None:
    """With the chance of the same, rounded down; in a narrow table below the verdict, where it takes no room."""
    lines = terminal.table(ENTRIES[-2:], width=width, color=False).splitlines()
    at = next(place for place, line in enumerate(lines) if line.startswith("A23"))
    assert "98 %" in "".join(lines[at : at + 2])
    assert lines[at + 1].strip().startswith(below)
    assert "".join(lines).count("fragile") == 1


def test_the_legend_tells_what_numbers_are() -> None:
    """Once, within the width."""
    shown = terminal.legend(width=60, color=False)
    assert max(map(len, shown.splitlines())) <= 60
    assert "median over seeds" in " ".join(shown.split())
    assert "below 99 % the verdict is fragile" in " ".join(shown.split())


def test_the_table_tells_what_is_expected() -> None:
    """A surprise is marked; what was known to be refuted is none, nor that what was undecided is not, or no longer."""
    table = terminal.table(ENTRIES, width=140, color=False)
    rows = dict(line.split(maxsplit=1) for line in table.splitlines() if line[:1].strip())
    shown = {
        **{"Z01[mlp-1x512]": "supported  ", "G10[rise-inception-nobn-accuracy]": "refuted, known "},
        **{"G02[stage]": "supported ! ", "A16[randX]": "refuted ! ", "A21": "undecided ! "},
        **{"A23[rises]": "undecided, known ", "A24": "now supported "},
    }
    for id, verdict in shown.items():
        assert rows[id].startswith(verdict), id


def test_only_the_unexpected_and_the_undecided_want_a_reason() -> None:
    """What holds, or does not and was known not to, is not explained; the rest is, with claim, source and reason."""
    reasons = terminal.reasons(ENTRIES, width=80, color=False)
    explained = [line.split()[0] for line in reasons.splitlines() if " What " in line]
    assert explained == [each["id"] for each in ENTRIES[2:]]
    assert "Zhang et al. 2017, section 2.1" in reasons
    assert " ".join(reasons.split()).count(BECAUSE) == 5
    assert max(map(len, reasons.splitlines())) <= 80
    assert terminal.reasons(ENTRIES[:2], width=80, color=False) == ""


@pytest.mark.parametrize("color", [True, False])
def test_colours_are_left_out_where_they_cannot_be_shown(color: bool) -> None:
    """Escape sequences are written to a terminal alone, and text in brackets is no markup."""
    shown = terminal.table(ENTRIES, width=80, color=color) + terminal.reasons(ENTRIES, width=80, color=color)
    assert ("\x1b[" in shown) == color
    assert "A16[randX]" in re.sub("\x1b\\[[0-9;]*m", "", shown)
