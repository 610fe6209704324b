"""Hours of a device: constants of some, and what they make of counted work. Neither torch nor pytest.

The time of a call is that of its operations and of the bytes that they move, at sustained rates, and that of the
processor, which launches and draws: on a GPU the longer of the two, since the processor is ahead, else their sum.
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

from memorization_claims.errors import SettingError


@dataclass(frozen=True, kw_only=True)
class Device:
    """What one worker computes on."""

    kind: Literal["cpu", "cuda"]
    tflops: float
    """Sustained, in single precision, 10^12 a second."""
    double_tflops: float
    """Sustained, in double precision."""
    gigabytes: float
    """Moved a second, sustained."""
    launch: float
    """Microseconds that the processor takes for an operation, whatever its size."""
    draw: float
    """Nanoseconds that the processor takes to draw a normal value."""
    source: str
    """Where the constants are from."""


BUILT_IN = {
    "cpu": Device(
        kind="cpu",
        tflops=0.06,
        double_tflops=0.03,
        gigabytes=11.0,
        launch=30.0,
        draw=2.5,
        source="fitted to trainings of small nets on one core of a Xeon with AVX-512, to a factor of 1.7; "
        "half the rate in double precision",
    ),
    "h100": Device(
        kind="cuda",
        tflops=247.0,
        double_tflops=33.5,
        gigabytes=1675.0,
        launch=20.0,
        draw=2.5,
        source="half of what NVIDIA's data sheet of the H100 SXM names: 494 TFLOP/s in TF32, in which nets are trained "
        "on a GPU, 67 in FP64 by tensor cores, 3.35 TB/s; the time of an operation, which Python and PyTorch take, is "
        "assumed",
    ),
}


def read(file: Path) -> dict[str, Device]:
    """Devices by name from JSON: an object of objects with the fields of a `Device`.

    Raises:
        SettingError: for what cannot be read or is no such thing, in one line.
    """
    names = [each.name for each in fields(Device)]
    legal = f"legal is JSON of devices by name, each with {', '.join(names)}"
    try:
        given = json.loads(file.read_text(encoding="utf-8"))
        found = {name: Device(**values) for name, values in given.items()}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise SettingError(f"constants of devices cannot be read from {file} ({error}); {legal}") from error
    for name, device in found.items():
        numbers = [value for field, value in vars(device).items() if field not in ("kind", "source")]
        if device.kind not in ("cpu", "cuda") or not all(map(_positive, numbers)):
            raise SettingError(f"device {name!r} in {file} has an illegal value; {legal}: cpu or cuda, numbers above 0")
    return found


def _positive(value: Any) -> bool:
    return isinstance(value, int | float) and 0 < value < float("inf")


def seconds(job: Mapping[str, Any], device: Device) -> float:
    """What one run, fit or generator takes.

    Args:
        job: with the `work` and `double` of a `price.run.Price`, as plain values.
        device: of the worker.
    """
    work = job["work"][device.kind]
    rate = device.double_tflops if job["double"] else device.tflops
    computing: float = work["flops"] / (rate * 1e12) + work["moved"] / (device.gigabytes * 1e9)
    launching: float = work["launches"] * device.launch / 1e6 + work["drawn"] * device.draw / 1e9
    return max(computing, launching) if device.kind == "cuda" else computing + launching


def balanced(costs: Iterable[tuple[float, int]], workers: int) -> float:
    """When the last worker is done, if each in turn takes the longest job that is left.

    Args:
        costs: seconds of a job, and how many there are like it.
        workers: 1 or more.

    Source:
        Graham 1969, SIAM J. Appl. Math. 17 (2): at most 4/3 - 1/(3 workers) times what the best order takes.
    """
    busy = [0.0] * workers
    for cost, count in sorted(costs, reverse=True):
        for _ in range(count):
            heapq.heapreplace(busy, busy[0] + cost)
    return max(busy)
