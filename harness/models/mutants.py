"""A mutant of the nets: arms that differ in their net have the same one."""

from __future__ import annotations

from dataclasses import replace

from memorization_claims.controls.mutant import Mutant
from memorization_claims.plan.plan import Plan, Setting


def alike(setting: Setting) -> Setting:
    """The first of the nets in all arms that name one."""
    if not isinstance(setting, Plan):
        return setting
    named = {name: changes for name, changes in setting.conditions.items() if "model" in changes}
    first = next((changes["model"] for changes in named.values()), None)
    return replace(
        setting,
        conditions={**setting.conditions, **{name: {**changes, "model": first} for name, changes in named.items()}},
    )


MUTANTS = (Mutant("nets-alike", "arms that differ in their net have the same one", setting=alike),)
