"""Which devices there are and which one a worker takes; asks the driver, so that neither torch nor CUDA starts."""

from __future__ import annotations

import ctypes
import os
import re
from collections.abc import MutableMapping
from functools import cache
from importlib.metadata import version
from pathlib import Path

from memorization_claims.errors import SettingError

LEGAL = "legal are auto, cpu, cuda, cuda:N"
VISIBLE = "CUDA_VISIBLE_DEVICES"
HIP_VISIBLE = "HIP_VISIBLE_DEVICES"
ROCR_VISIBLE = "ROCR_VISIBLE_DEVICES"
AMD = Path("/sys/class/kfd/kfd/topology/nodes")
"""Where Linux tells the processors that ROCm knows, each a folder; the `gpu_id` of one that is no GPU is 0."""


@cache
def rocm() -> bool:
    """Whether the torch that is installed is one for AMD's GPUs, which it calls cuda too."""
    return "rocm" in version("torch")


@cache
def gpus_installed() -> int:
    """Number of GPUs of torch's kind that the driver manages, 0 without a driver."""
    if rocm():
        return sum(map(_is_amds, AMD.glob("*/gpu_id")))
    try:
        library = ctypes.CDLL("libnvidia-ml.so.1")
    except OSError:
        return 0
    count = ctypes.c_uint()
    if library.nvmlInit_v2() or library.nvmlDeviceGetCount_v2(ctypes.byref(count)):
        return 0
    library.nvmlShutdown()
    return count.value


def _is_amds(file: Path) -> bool:
    """Whether it is the number of a GPU; that of one which a container hides cannot be read."""
    try:
        return int(file.read_text()) > 0
    except (OSError, ValueError):
        return False


def gpus_allowed(environment: MutableMapping[str, str], installed: int) -> list[str]:
    """The GPUs that the caller allowed, as entries of the variable that `claim_gpu` sets.

    They are numbers, or names as GPU-8932f937-d72c-4106-c12f-20bd9faed9f6 and MIG-... for a part of a GPU, which are
    not looked up.

    Source:
        CUDA C++ Programming Guide, "CUDA Environment Variables"; for AMD's GPUs "GPU isolation techniques" of ROCm's
        documentation: ROCR_VISIBLE_DEVICES hides first; HIP_VISIBLE_DEVICES, else CUDA's variable, numbers the rest.
    """
    if not rocm():
        return _entries(environment.get(VISIBLE), installed)
    left = len(_entries(environment.get(ROCR_VISIBLE), installed))
    return _entries(environment.get(HIP_VISIBLE, environment.get(VISIBLE)), left)


def _entries(named: str | None, installed: int) -> list[str]:
    """The GPUs that a variable names, up to the first entry that is none, which hides what follows it too."""
    if named is None:
        return [str(index) for index in range(installed)]
    entries: list[str] = []
    for entry in named.split(",") if installed else ():
        name = re.match(r"\s*(?:0*(\d+)|((?:GPU|MIG)-\S+))", entry)
        if name is None or (name[1] and int(name[1]) >= installed):
            break
        if entries and not rocm() and entries[0].isdecimal() != bool(name[1]):
            break  # CUDA reads numbers or names, and ROCm both
        entries.append(name[1] or name[2])
    # One that is named twice is a mistake, for which there are none.
    return entries if len(set(entries)) == len(entries) else []


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
        environment[HIP_VISIBLE if rocm() else VISIBLE] = allowed[worker % len(allowed)]


def share(worker: int | None, asked: str) -> None:
    """Let a worker see its one GPU alone, where claims may compute on any.

    A GPU that is named is the same for every worker, and its number counts those that the caller allowed.

    Args:
        worker: its number; None where there are no workers.
        asked: auto, cpu, cuda or cuda:N.
    """
    if worker is not None and asked in ("auto", "cuda"):
        claim_gpu(worker)
