"""How long a call takes on a device."""

from __future__ import annotations

import time
from collections.abc import Callable

import torch


def seconds(call: Callable[[], object], device: torch.device, least: float = 0.3) -> float:
    """Seconds of a call, once it is warm, on average of as many as last a while.

    Args:
        call: takes nothing.
        device: on which it computes; a GPU is waited for before and after all.
        least: seconds that are measured.
    """
    call()
    times, took = 1, _all(call, device, 1)
    while took < least:
        times = min(4 * times, 1 + int(1.3 * times * least / max(took, 1e-9)))
        took = _all(call, device, times)
    return took / times


def _all(call: Callable[[], object], device: torch.device, times: int) -> float:
    _wait(device)
    began = time.perf_counter()
    for _ in range(times):
        call()
    _wait(device)
    return time.perf_counter() - began


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
