"""Do fast claims reach the same verdicts on the device and on the CPU?"""

from __future__ import annotations

import tempfile
from typing import Any

import torch

from memorization_claims.cli.sessions import hand_over
from memorization_claims.doctor.answer import Answer
from memorization_claims.reports import effects

CLAIMS = ("A28[dropout]", "A13[slows-randX]", "Z01[mlp-1x512]")
"""Cheap ones: draws on the device, times to fit, and a fit to the end."""
SEEDS = 11
BASE_SEED = 900_000


def verdicts(device: torch.device, claims: tuple[str, ...] = CLAIMS) -> Answer:
    """Judge claims of the papers on both, at one look at few seeds, with stores that are thrown away."""
    here, there = (_judged(place, claims) for place in ("cpu", str(device)))
    apart = [label for label in here if here[label][0] != there.get(label, ("missing", ""))[0]]
    return Answer(
        question=f"Do claims reach the same verdicts on {device} and the CPU?",
        says=f"no: {', '.join(apart)}" if apart or not here else f"yes, at {SEEDS} seeds",
        columns=("item", "on the CPU", f"on {device}"),
        rows=[(label, " ".join(here[label]), " ".join(there.get(label, ("missing",)))) for label in here],
    )


def _judged(device: str, claims: tuple[str, ...]) -> dict[str, tuple[str, str]]:
    """Verdict and effect of each item, by its name; a session that broke has none."""
    with tempfile.TemporaryDirectory() as store:
        words = ["--pyargs", "memorization_claims.claims", "-q", "-m", "fast", f"--claims-only={','.join(claims)}"]
        words += [f"--claims-device={device}", f"--claims-seeds={SEEDS}", f"--claims-base-seed={BASE_SEED}"]
        handed_over, _, _ = hand_over([*words, f"--claims-store={store}", "-p", "no:cacheprovider"])
    entries: list[dict[str, Any]] = handed_over.get("record", {"claims": []})["claims"]
    return {effects.label(entry): (entry["verdict"], effects.numbers(entry)) for entry in entries}
