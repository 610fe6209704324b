"""Do the device and the CPU agree?"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from memorization_claims.doctor.answer import Answer
from memorization_claims.doctor.difference import largest, told
from memorization_claims.doctor.tried import Tried, trained

COLUMNS = {"loss": "trace/loss", "training accuracy": "trace/train_accuracy", "weights at the end": "weights/final/"}


def agreement(nets: Sequence[Tried], device: torch.device) -> Answer:
    """Train each net on both, and compare what is recorded: the largest difference over all evaluations."""
    rows: list[tuple[str, ...]] = []
    most = 0.0
    for net in nets:
        one, other = (trained(net, place)[0] for place in (torch.device("cpu"), device))
        rows.append((str(net), *(told(largest(one, other, what=what)) for what in COLUMNS.values())))
        most = max(most, largest(one, other, what="trace/loss"))
    return Answer(
        question=f"Do {device} and the CPU agree?",
        says=f"losses differ by {told(most)} at most; rounding explains 1e-3, that of TF32 1e-2, and more where "
        "training is unstable",
        columns=("net", *COLUMNS),
        rows=rows,
    )
