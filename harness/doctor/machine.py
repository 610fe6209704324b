"""What is computed on: the environment."""

from __future__ import annotations

import ctypes
import os
import platform

import torch

from memorization_claims.doctor.answer import Answer
from memorization_claims.spec.arithmetic import arithmetic_of


def machine(device: torch.device) -> Answer:
    """Versions, the device and the processor."""
    cpu = {
        "torch": torch.__version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "processor": processor(),
        "instructions": torch.backends.cpu.get_cpu_capability(),
        "cores": str(os.cpu_count()),
        "threads": str(torch.get_num_threads()),
        "memory": _gib(torch.device("cpu")),
    }
    cuda = {
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu",
        "memory of the device": _gib(device),
        "CUDA": str(torch.version.cuda or torch.version.hip),
        "cuDNN": _cudnn(),
        "driver": _driver(),
        "arithmetic": str(arithmetic_of(str(device))),
        "TF32": str(torch.backends.cuda.matmul.allow_tf32),
        "deterministic algorithms": str(torch.are_deterministic_algorithms_enabled()),
    }
    found = cpu | (cuda if device.type == "cuda" else {})
    return Answer(
        question="What is computed on?",
        says=f"answers of `claims doctor --device {device}`",
        columns=("what", "is"),
        rows=list(found.items()),
    )


def started() -> bool:
    """Whether CUDA runs in this process; a GPU that is pretended has none."""
    return bool(torch.cuda.is_initialized())  # type: ignore[no-untyped-call]


def memory(device: torch.device) -> float:
    """Bytes of memory that a device has, 0 where nobody knows."""
    if device.type == "cuda":
        return float(torch.cuda.mem_get_info(device)[1]) if started() else 0.0
    names = ("SC_PAGE_SIZE", "SC_PHYS_PAGES")
    known = set(names) <= getattr(os, "sysconf_names", {}).keys()
    return float(os.sysconf(names[0]) * os.sysconf(names[1])) if known else 0.0


def _cudnn() -> str:
    return str(torch.backends.cudnn.version()) if started() else "unknown"  # type: ignore[no-untyped-call]


def _gib(device: torch.device) -> str:
    known = memory(device)
    return f"{known / 2**30:.1f} GiB" if known else "unknown"


def processor() -> str:
    """The name of the processor, or what it is if nobody knows."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            named = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    except OSError:
        named = []
    return named[0] if named else platform.processor() or platform.machine()


def _driver() -> str:
    """The version of NVIDIA's driver."""
    try:
        library = ctypes.CDLL("libnvidia-ml.so.1")
    except OSError:
        return "none"
    text = ctypes.create_string_buffer(80)
    if library.nvmlInit_v2() or library.nvmlSystemGetDriverVersion(text, len(text)):
        return "none"
    library.nvmlShutdown()
    return text.value.decode()
