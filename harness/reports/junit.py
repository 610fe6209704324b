"""What a claim's test case carries in JUnit's XML, beside pytest's own outcome: plain strings."""

from __future__ import annotations

from typing import Any

from memorization_claims.reports.effects import leans, runs, written


def properties(entry: dict[str, Any]) -> list[tuple[str, str]]:
    """Names and values for the properties of a test case.

    Args:
        entry: of the record.

    Returns:
        Always `claim`, `verdict`, `expected`, `because` and `seeds`; `leans` where nothing was decided, `effect`,
        `effect_of` and `margin` where something was measured.
    """
    pairs = [
        (name, str(entry[key])) for name, key in (("claim", "id"), ("verdict", "verdict"), ("expected", "expected"))
    ]
    pairs += [("leans", str(leans(entry)).lower())] if entry["verdict"] == "undecided" else []
    pairs += [("because", entry["because"]), ("seeds", str(runs(entry)))]
    effect = entry["effect"]
    if effect and effect["estimate"] is not None:
        margin = f"{effect['margin']:g} {effect['unit']}".rstrip()
        pairs += [("effect", written(effect)), ("effect_of", effect["name"]), ("margin", margin)]
    return pairs
