"""Records of sessions under mutants, and a matrix that is made of them."""

from __future__ import annotations

from typing import Any

from memorization_claims.reports.matrix import Matrix, begun, tried

TEST = "tests/test_data.py::test_a"
ASKED = {"items": "i", "options": {"base_seed": 7}, "code": "c"}


def mutant(says: str, **facts: Any) -> dict[str, Any]:
    """What is handed over of a mutant."""
    plain = {"spoils": "runs", "blunt": False, "caught_by": "", "concerns": True, "code": says}
    return {"says": says, **plain, **facts}


MUTANTS = {
    "zero-learning-rate": mutant("nothing is learned", blunt=True),
    "labels-not-corrupted": mutant("labels are true"),
    "labels-corrupted": mutant("all labels are random", spoils="nothing", caught_by=TEST),
    "open-bump": mutant("of theorems alone", concerns=False),
}


def entry(name: str, verdict: str, samples: float, *, beyond: int | None = None, runs: int = 12) -> dict[str, Any]:
    """What a record says of one claim: all runs show what it came to, or so many are beyond."""
    told = {"id": name, "nodeid": f"{name}.py", "scale": "fast", "verdict": verdict, "samples": {"a": [samples]}}
    found = {"supported": runs, "refuted": 0}.get(verdict, runs // 2) if beyond is None else beyond
    return {**told, "count": {"runs": runs, "beyond": found, "short": runs - found}}


def record(*entries: dict[str, Any]) -> dict[str, Any]:
    """Of a session without errors."""
    return {"claims": list(entries), "errors": [], "environment": {"torch": "2.14.1", "python": "3.11.7"}}


WHOLE = record(entry("T01", "supported", 1), entry("T02", "supported", 1), entry("T04", "refuted", 1))
IDLE = record(entry("T01", "refuted", 2), entry("T02", "refuted", 2), entry("T04", "supported", 2))
CLEAN = record(entry("T01", "undecided", 3, beyond=2), entry("T02", "undecided", 3, beyond=1))
LABELS = record(entry("T01", "supported", 1), entry("T02", "undecided", 4, beyond=10))


def matrix() -> Matrix:
    """Two items that are supported and one that is refuted, under three mutants."""
    made = begun(ASKED, WHOLE)
    for name, session in zip(MUTANTS, (IDLE, CLEAN, LABELS), strict=False):
        made["mutants"][name] = tried(made, MUTANTS[name], session)
    made["mutants"]["labels-corrupted"]["caught"] = True
    return made
