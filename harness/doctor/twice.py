"""Does one seed give the same bits twice?"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from memorization_claims.doctor.answer import Answer
from memorization_claims.doctor.difference import largest, told
from memorization_claims.doctor.tried import Tried, trained


def twice(nets: Sequence[Tried], device: torch.device) -> Answer:
    """Train each net twice from one seed; fails where a bit of traces or weights differs."""
    apart = {str(net): largest(*(trained(net, device)[0] for _ in range(2))) for net in nets}
    failed = any(apart.values())
    return Answer(
        question="Does one seed give the same bits twice?",
        says="no: runs of this machine cannot be repeated" if failed else "yes",
        columns=("net", "second training"),
        rows=[(net, told(difference)) for net, difference in apart.items()],
        failed=failed,
    )
