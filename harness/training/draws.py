"""What a net draws from global generators in training, as with dropout within a forward.

torch's are put to a stream of the net's own for each of its steps, so that what it draws does not depend on the nets
that it is trained with. Others are no net's own, and drawing from them is refused.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor

from memorization_claims.errors import SettingError


class Draws:
    """The state in which one net finds torch's global generators, of the CPU and of its device.

    Args:
        seed: of the stream.
        device: of the net.
    """

    def __init__(self, seed: int, device: torch.device) -> None:
        self._device = device
        generators = [torch.Generator(), *([torch.Generator(device)] if device.type == "cuda" else [])]
        self._states = [generator.manual_seed(seed).get_state() for generator in generators]

    def held(self) -> list[Tensor]:
        """The states as they are, in place."""
        return self._states

    @contextmanager
    def own(self) -> Iterator[None]:
        """Put them to where the net left them, and afterwards back to where they were."""
        before = states(self._device)
        _restore(self._states, self._device)
        try:
            yield
        finally:
            self._states = states(self._device)
            _restore(before, self._device)


@contextmanager
def none_but_torchs(what: str) -> Iterator[None]:
    """Refuse draws from the global generators of Python and NumPy.

    Args:
        what: may draw, as the subject of the message.

    Raises:
        SettingError: for such a draw.
    """
    before = random.getstate(), _numpys()
    yield
    for name, old, new in zip(("Python's", "NumPy's"), before, (random.getstate(), _numpys()), strict=True):
        if old != new:
            raise SettingError(
                f"{what} draws from {name} global generator in training, so that its runs cannot be repeated; legal is "
                "torch's, as in torch.rand, whose draws are each net's own"
            )


def _numpys() -> tuple[bytes, int]:
    state = np.random.get_state(legacy=False)["state"]  # noqa: NPY002 (it is what others may use)
    return state["key"].tobytes(), int(state["pos"])


def states(device: torch.device) -> list[Tensor]:
    """Of torch's global generators, of the CPU and of a device; copies."""
    return [torch.get_rng_state(), *([torch.cuda.get_rng_state(device)] if device.type == "cuda" else [])]


def _restore(states: list[Tensor], device: torch.device) -> None:
    torch.set_rng_state(states[0])
    if len(states) > 1:
        torch.cuda.set_rng_state(states[1], device)
