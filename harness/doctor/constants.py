"""The constants of the plan's price model, measured: a device as `memorization_claims.price.devices` has it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import torch

from memorization_claims.doctor.answer import Answer, significant
from memorization_claims.doctor.clock import seconds
from memorization_claims.doctor.engines import Steps
from memorization_claims.doctor.machine import processor
from memorization_claims.doctor.tried import CLASSES, Tried
from memorization_claims.price import devices
from memorization_claims.price.devices import Device
from memorization_claims.price.net import net_of
from memorization_claims.price.work import Work

Measured = tuple[Work, float]
"""What a step costs by count, and how many seconds it takes."""
MODELS = (
    Tried("mlp-2x4096", side=28, channels=3, batch=128),
    Tried("arpit-cnn", side=32, channels=3, batch=128),
    Tried("alexnet", side=28, channels=3, batch=128),
    Tried("vgg11", side=32, channels=3, batch=128),
    Tried("resnet32", side=32, channels=3, batch=128),
    Tried("inception", side=28, channels=3, batch=128),
)
"""What full scale trains."""
TINY = (Tried("mlp-3x2", side=2, batch=2), Tried("resnet8-1", side=8, batch=2))
"""Of these a step is nothing but launches."""
SIZES = {"cpu": (1024, 2**24), "cuda": (8192, 2**28)}
"""Sides of a matrix, and values of a vector, that no cache holds."""


def constants(
    device: torch.device,
    nets: Sequence[Tried] | None = None,
    tiny: Sequence[Tried] = TINY,
    *,
    sizes: tuple[int, int] | None = None,
    least: float = 0.3,
) -> tuple[Device, Answer]:
    """Measure a device.

    The bandwidth is that of adding two vectors, the time of a launch that of an operation in steps of tiny nets. The
    rate is that at which the price model comes nearest to the measured steps of the nets, by the mean square of the
    logarithm of their ratio, and not above that of a product of two matrices.

    Args:
        device: which.
        nets: that a step is timed of; None for those of full scale, in smaller batches on a CPU.
        tiny: nets of which a step's operations take no time.
        sizes: side of the matrices, values of the vectors; None for those of its kind.
        least: seconds that each call is measured for.
    """
    nets = nets or [net if device.type == "cuda" else replace(net, batch=16) for net in MODELS]
    side, values = sizes or SIZES[device.type]
    single, double = (_product_rate(side, number, device, least) for number in (torch.float32, torch.float64))
    launches = [took / work.launches for work, took in (_step(net, device, least) for net in tiny)]
    measured = {str(net): _step(net, device, least) for net in nets}
    base = Device(
        kind="cuda" if device.type == "cuda" else "cpu",
        tflops=single / 1e12,
        double_tflops=double / 1e12,
        gigabytes=_bandwidth(values, device, least) / 1e9,
        launch=1e6 * math.prod(launches) ** (1 / len(launches)),
        draw=1e9 * _draw(least),
        source=f"measured by claims doctor on {_name(device)}, where products of matrices alone reach "
        f"{single / 1e12:.3g} TFLOP/s",
    )
    slower = [
        replace(base, tflops=share * base.tflops, double_tflops=share * base.double_tflops)
        for share in (10 ** (-step / 100) for step in range(201))
    ]
    best = min(slower, key=lambda device: _misfit(device, measured.values()))
    return best, _answer(best, measured)


def _answer(device: Device, measured: Mapping[str, Measured]) -> Answer:
    rows = [
        (
            name,
            significant(work.flops / 1e9),
            significant(work.launches),
            significant(1000 * took),
            significant(work.flops / took / 1e12),
            significant(1000 * _priced(work, device)),
        )
        for name, (work, took) in measured.items()
    ]
    worst = max(abs(math.log(_priced(work, device) / took)) for work, took in measured.values())
    return Answer(
        question="What does the price of a plan rest on here?",
        says=f"{device.tflops:.3g} TFLOP/s ({device.double_tflops:.3g} in double precision), {device.gigabytes:.3g} "
        f"GB/s, {device.launch:.3g} us an operation, {device.draw:.3g} ns to draw a value; a step's price is within a "
        f"factor of {math.exp(worst):.2g}",
        columns=("net, a step", "GFLOP", "launches", "ms", "TFLOP/s achieved", "ms by the price"),
        rows=rows,
    )


def _step(net: Tried, device: torch.device, least: float) -> Measured:
    counted = net_of(net.spec(), net.shape, CLASSES).step(min(net.batch, net.examples))
    return counted, seconds(Steps(net, device), device, least)


def _product_rate(side: int, number: torch.dtype, device: torch.device, least: float) -> float:
    """Operations a second of a product of two square matrices."""
    matrix = torch.full((side, side), 0.5, dtype=number, device=device)
    return 2 * side**3 / seconds(lambda: matrix @ matrix, device, least)


def _bandwidth(values: int, device: torch.device, least: float) -> float:
    """Bytes a second of adding two vectors into a third."""
    one, other, total = (torch.zeros(values, device=device) for _ in range(3))
    return 12 * values / seconds(lambda: torch.add(one, other, out=total), device, least)


def _draw(least: float) -> float:
    """Seconds of drawing a normal value."""
    drawn, generator = torch.empty(100_000), torch.Generator().manual_seed(0)
    return seconds(lambda: drawn.normal_(generator=generator), torch.device("cpu"), least) / len(drawn)


def _name(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else processor()


def _misfit(device: Device, measured: Iterable[Measured]) -> float:
    return sum(math.log(_priced(work, device) / took) ** 2 for work, took in measured)


def _priced(work: Work, device: Device) -> float:
    return devices.seconds({"work": {device.kind: vars(work)}, "double": False}, device)
