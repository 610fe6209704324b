"""Which devices there are and which one a worker takes; asks the driver, so that neither torch nor CUDA starts."""

from __future__ import annotations

import ctypes
import os
import re
from collections.abc import MutableMapping
from functools import cache

from memorization_claims.errors import SettingError

LEGAL = "legal are auto, cpu, cuda, cuda:N"
VISIBLE = "CUDA_VISIBLE_DEVICES"


@cache
def gpus_installed() -> int:
    """Number of NVIDIA GPUs that the driver manages, 0 without a driver."""
    try:
        library = ctypes.CDLL("libnvidia-ml.so.1")
    except OSError:
        return 0
    count = ctypes.c_uint()
    if library.nvmlInit_v2() or library.nvmlDeviceGetCount_v2(ctypes.byref(count)):
        return 0
    library.nvmlShutdown()
    return count.value


def gpus_allowed(environment: MutableMapping[str, str], installed: int) -> list[str]:
    """The GPUs that the caller allowed, as entries of CUDA_VISIBLE_DEVICES."""
    named = environment.get(VISIBLE)
    if named is None:
        return [str(index) for index in range(installed)]
    entries = [entry.strip() for entry in named.split(",") if entry.strip()]
    # As CUDA reads it: an index that is not there is not visible, nor is what follows it.
    absent = (i for i, entry in enumerate(entries) if re.fullmatch(r"-?\d+", entry) and not 0 <= int(entry) < installed)
    return entries[: next(absent, len(entries))] if installed else []


def choose(asked: str, environment: MutableMapping[str, str] = os.environ, installed: int | None = None) -> str:
    """The device for what was asked: cpu, cuda or cuda:N.

    Args:
        asked: auto, cpu, cuda or cuda:N; auto is cuda where there is a GPU.
        environment: names the GPUs that are allowed.
        installed: number of GPUs; asked of the driver if None.

    Raises:
        SettingError: for any other value, or for a GPU that is not there.
    """
    if not re.fullmatch(r"auto|cpu|cuda(:\d+)?", asked):
        raise SettingError(f"unknown device {asked!r}; {LEGAL}")
    allowed = gpus_allowed(environment, gpus_installed() if installed is None else installed)
    if asked == "auto":
        return "cuda" if allowed else "cpu"
    wanted = int(asked.partition(":")[2] or 0)
    if asked != "cpu" and wanted >= len(allowed):
        there = f"there are {len(allowed)} GPUs" if allowed else "there is no GPU"
        use = "use --claims-device cpu or --claims-device auto"
        raise SettingError(f"device {asked!r} was asked for and {there}; {use}")
    return asked


def claim_gpu(worker: int, environment: MutableMapping[str, str] = os.environ, installed: int | None = None) -> None:
    """Let a worker see one GPU alone: the allowed one at its number modulo how many there are.

    Must run before CUDA starts in the process.
    """
    allowed = gpus_allowed(environment, gpus_installed() if installed is None else installed)
    if allowed:
        environment[VISIBLE] = allowed[worker % len(allowed)]


def share(worker: str, asked: str) -> None:
    """Let a worker of pytest-xdist see its one GPU alone, where claims may compute on any.

    A GPU that is named is the same for every worker, and its number counts those that the caller allowed.

    Args:
        worker: gw0, gw1, ...; empty where there are no workers.
        asked: auto, cpu, cuda or cuda:N.
    """
    if worker.startswith("gw") and asked in ("auto", "cuda"):
        claim_gpu(int(worker.removeprefix("gw")))
