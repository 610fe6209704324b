"""The claims of the checkout, for commands that judge them unless their arguments name others."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

TRUST = ROOT / "reports/trust"
"""Where such commands put what they find."""


def of_checkout(arguments: Sequence[str]) -> list[str]:
    """Arguments of pytest for fast claims: those of the checkout unless a path is among them."""
    named = any(Path(each.partition("::")[0]).exists() for each in arguments if not each.startswith("-"))
    return ["-q", "-m", "fast", *arguments, *([] if named else [str(ROOT / "claims")])]
