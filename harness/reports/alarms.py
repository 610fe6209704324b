"""The chance that a session fails by chance alone, as far as its seeded tests go."""

from __future__ import annotations

import math
from collections.abc import Sequence

from memorization_claims.reports.effects import Entry


def sentence(entries: Sequence[Entry]) -> str:
    """The chance, at most, that seeded tests refute what is true; empty where there are none.

    Args:
        entries: of the record; those of seeded tests have an `alarm`.
    """
    alarms = [float(entry["alarm"]) for entry in entries if "alarm" in entry]
    if not alarms:
        return ""
    tests = f"{len(alarms)} seeded test{'s' * (len(alarms) > 1)}"
    chance = sum(alarms)
    if not chance:
        return f"{tests}: too few seeds for any to refute something."
    often = "any session may refute" if chance >= 1 else f"at most one session in {math.floor(1 / chance):,} refutes"
    return f"{tests}: by chance {often} what is true."
