"""What mutants make of the generators that a plan asks for."""

from __future__ import annotations

from dataclasses import replace

from memorization_claims.plan.plan import Plan, Setting


def untrained(setting: Setting) -> Setting:
    """Generators that have learned nothing of the images."""
    if not (isinstance(setting, Plan) and setting.generator is not None):
        return setting
    return replace(setting, generator={**setting.generator, "learned": False})
