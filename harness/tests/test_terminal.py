"""The table of verdicts: every claim's name whole, at the width that the terminal has."""

from __future__ import annotations

import re
from typing import Any

import pytest

from memorization_claims.reports import terminal

BECAUSE = "precondition failed: train accuracy of 'random labels' should be at least 0.99 at every seed; it is 0.41"


def entry(id: str, verdict: str, expected: str = "supported", **changes: Any) -> dict[str, Any]:
    """What the table reads of an entry."""
    effect = {"name": "critical sample ratio: random labels - true labels", "unit": "points"}
    effect |= {"estimate": 12.3456, "low": 10.01, "high": 14.5, "margin": 0.1, "standardized": 3.0}  # type: ignore[dict-item]
    return {
        **{"id": id, "verdict": verdict, "expected": expected, "effect": effect, "because": BECAUSE},
        **{"says": f"What {id} says in a sentence.", "source": "Zhang et al. 2017, section 2.1", "scale": "fast"},
        **{"seeds": list(range(12)), "seconds": {"training": 41.0, "measuring": 1.26, "wall": 50.0}},
        **changes,
    }


ENTRIES = [
    entry("Z01[mlp-1x512]", "supported"),
    entry("G10[rise-inception-nobn-accuracy]", "refuted", "refuted"),
    entry("G02[stage]", "supported", "refuted"),
    entry("A16[randX]", "refuted"),
    entry("A21", "undecided", effect=None),
]


@pytest.mark.parametrize("width", [40, 50])
def test_every_number_is_readable_where_columns_are_few(width: int) -> None:
    """Each claim has lines of its own: id and verdict, effect and interval, what it is of, seeds and seconds."""
    shown = terminal.table(ENTRIES, width=width, color=False)
    lines = shown.splitlines()
    assert max(map(len, lines)) <= width
    at = lines.index("Z01[mlp-1x512] supported")
    assert lines[at + 1].rstrip() == "    12.3 [10, 14.5] points"
    assert [line for line in lines if line.startswith("    n 12, ")] == ["    n 12, 42.3 s"] * len(ENTRIES)
    assert " ".join(shown.split()).count("critical sample ratio: random labels - true labels") == 4
    assert BECAUSE in " ".join(shown.split())


@pytest.mark.parametrize("width", [80, 100, 140])
def test_the_table_keeps_to_its_width(width: int) -> None:
    """No line is longer than the terminal, and every claim's id stands whole at the start of a line."""
    lines = terminal.table(ENTRIES, width=width, color=False).splitlines()
    assert max(map(len, lines)) <= width
    starts = [line.split()[0] for line in lines if line[:1].strip()]
    assert starts == ["claim", *(each["id"] for each in ENTRIES)]


def test_a_wide_table_has_a_line_for_each_claim() -> None:
    """Where the width allows, an effect and its name share a line."""
    lines = terminal.table(ENTRIES[:4], width=140, color=False).splitlines()
    assert len(lines) == 1 + 4
    assert re.search(r"12\.3 \[10, 14\.5\] points +critical sample ratio: random", lines[1])
    assert re.search(r" 12 +42\.3$", lines[1].rstrip())


def test_the_table_tells_what_is_expected() -> None:
    """A surprise is marked, and what was known to be refuted is no surprise."""
    table = terminal.table(ENTRIES, width=140, color=False)
    rows = dict(line.split(maxsplit=1) for line in table.splitlines() if line[:1].strip())
    shown = {
        **{"Z01[mlp-1x512]": "supported  ", "G10[rise-inception-nobn-accuracy]": "refuted, known "},
        **{"G02[stage]": "supported ! ", "A16[randX]": "refuted ! ", "A21": "undecided ! "},
    }
    for id, verdict in shown.items():
        assert rows[id].startswith(verdict), id


def test_only_the_unexpected_wants_a_reason() -> None:
    """What ended as expected is not explained; the rest is, with claim, source and reason."""
    reasons = terminal.reasons(ENTRIES, width=80, color=False)
    explained = [line.split()[0] for line in reasons.splitlines() if " What " in line]
    assert explained == ["G02[stage]", "A16[randX]", "A21"]
    assert "Zhang et al. 2017, section 2.1" in reasons
    assert " ".join(reasons.split()).count(BECAUSE) == 3
    assert max(map(len, reasons.splitlines())) <= 80
    assert terminal.reasons(ENTRIES[:2], width=80, color=False) == ""


@pytest.mark.parametrize("color", [True, False])
def test_colours_are_left_out_where_they_cannot_be_shown(color: bool) -> None:
    """Escape sequences are written to a terminal alone, and text in brackets is no markup."""
    shown = terminal.table(ENTRIES, width=80, color=color) + terminal.reasons(ENTRIES, width=80, color=color)
    assert ("\x1b[" in shown) == color
    assert "A16[randX]" in re.sub("\x1b\\[[0-9;]*m", "", shown)
