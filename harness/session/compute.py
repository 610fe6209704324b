"""The device that a worker computes on, set up so that one seed gives the same bits every time."""

from __future__ import annotations

import ctypes
import os
import sys
from typing import TYPE_CHECKING

import pytest

from memorization_claims.errors import SettingError
from memorization_claims.session import stash
from memorization_claims.spec.arithmetic import Arithmetic

if TYPE_CHECKING:
    import torch


def device_of(config: pytest.Config) -> torch.device:
    """The session's device.

    Raises:
        SettingError: where it is a GPU that this torch cannot use.
    """
    options = config.stash[stash.OPTIONS]
    chosen = set_up(options.device, options.arithmetic)
    if chosen.type == "cuda":
        import torch

        config.stash[stash.DEVICE] = torch.cuda.get_device_name(chosen)
    else:
        config.stash[stash.DEVICE] = "cpu"
    return chosen


def set_up(name: str, arithmetic: Arithmetic) -> torch.device:
    """The device of a process, by its name, with the precision of products and convolutions there.

    Raises:
        SettingError: where it is a GPU that this torch cannot use.
    """
    # cuBLAS reads this when it starts; without it some of its products differ from call to call.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    import torch

    _keep_memory()
    torch.set_num_threads(1)
    rounded = arithmetic.precision != "float32"
    torch.backends.cuda.matmul.allow_tf32 = rounded
    torch.backends.cudnn.allow_tf32 = rounded
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.deterministic = True
    chosen = torch.device(name)
    if chosen.type == "cuda" and not torch.cuda.is_available():
        raise SettingError(
            "there is a GPU and this torch cannot use it; use --claims-device cpu, or a torch built for its driver"
        )
    if chosen.type == "cuda":
        # Kernels that add in a fixed order where CUDA has such, and a warning where it has none.
        torch.use_deterministic_algorithms(True, warn_only=True)
        torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    return chosen


def _keep_memory() -> None:
    """Let glibc keep 256 MB of what is freed, and take up to 32 MB from it at once.

    By its defaults tensors of more than 128 KB may go back to the system after each operation, and each page of the
    next is a fault: nets that are trained side by side took a fifth longer.
    """
    if sys.platform != "linux" or not hasattr(libc := ctypes.CDLL(None), "mallopt"):
        return
    trim, mmap = -1, -3
    libc.mallopt(trim, 2**28)
    libc.mallopt(mmap, 2**25)
