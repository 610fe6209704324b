"""Which nets could be trained in coarser numbers?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from memorization_claims.doctor.answer import Answer
from memorization_claims.doctor.tried import Tried, trained
from memorization_claims.session.compute import set_up
from memorization_claims.spec.arithmetic import PLAIN, Arithmetic, Precision, arithmetic_of
from memorization_claims.training.cohort import Result

TRACES = {"loss": "trace/loss", "training accuracy": "trace/train_accuracy", "validation": "trace/validation_accuracy"}
SEEDS = 12
CLOSE = 0.25
"""A mean that is off by less, in standard deviations between seeds, counts as that of float32."""


def precision(nets: Sequence[Tried], device: torch.device, *, seeds: int = SEEDS) -> Answer:
    """Train each net in float32 and coarser, from the same seeds, and compare what is recorded.

    For each trace, the mean difference over seeds is told in standard deviations of float32 between seeds, at the
    evaluation after the start at which it is largest: claims are about means over seeds, and see what moves these.
    The device is set up as for a session afterwards.
    """
    coarser: tuple[Precision, ...] = ("tf32", "bfloat16") if device.type == "cuda" else ("bfloat16",)
    rows: list[tuple[str, ...]] = []
    able: list[str] = []
    exact = {str(net): _runs(net, device, PLAIN, seeds) for net in nets}
    for how in coarser:
        for net in nets:
            there = _runs(net, device, Arithmetic(how), seeds)
            moved = [_moved(exact[str(net)], there, name) for name in TRACES.values()]
            could = max(moved) < CLOSE
            rows.append((str(net), how, *(f"{each:.2g}" for each in moved), "yes" if could else "no"))
            able += [f"{net} in {how}"] if could else []
    set_up(str(device), arithmetic_of(str(device)))
    return Answer(
        question="Which nets could be trained in coarser numbers?",
        says=f"with means off by less than {CLOSE:g} standard deviations between {seeds} seeds: "
        f"{', '.join(able) or 'none'}; a session takes --claims-precision",
        columns=("net", "precision", *(f"{name}, off by" for name in TRACES), "could"),
        rows=rows,
    )


def _runs(net: Tried, device: torch.device, how: Arithmetic, seeds: int) -> list[Result]:
    set_up(str(device), how)
    return trained(net, device, range(seeds), arithmetic=how)


def _moved(exact: Sequence[Result], there: Sequence[Result], name: str) -> float:
    """The largest mean difference of a trace, in standard deviations between seeds."""
    one, other = (np.stack([run[name][0] for run in runs])[:, 1:] for runs in (exact, there))
    off, scatter = np.abs((other - one).mean(0)), one.std(0, ddof=1)
    # Where all seeds agree, any difference is beyond what seeds explain.
    return float(np.where(off > 0, off / np.maximum(scatter, np.finfo(float).tiny), 0.0).max())
