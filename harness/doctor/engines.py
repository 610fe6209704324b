"""Which engine is fastest for each net, and how many nets fit the memory?"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import torch

from memorization_claims.doctor.answer import Answer, significant
from memorization_claims.doctor.clock import seconds
from memorization_claims.doctor.machine import memory, started
from memorization_claims.doctor.tried import CLASSES, Tried
from memorization_claims.errors import NotCompiledError
from memorization_claims.models.build import build
from memorization_claims.price.work import work
from memorization_claims.spec.arithmetic import arithmetic_of
from memorization_claims.training.compiled import Compiled
from memorization_claims.training.engine import Engine, EngineName, choose, make

TOGETHER = {"cpu": (1, 8), "cuda": (1, 8, 64)}
"""Nets side by side, by kind of device."""


class Steps:
    """Steps of training of some nets, one like the other."""

    def __init__(self, tried: Tried, device: torch.device, nets: int = 1, name: EngineName | None = None) -> None:
        """Put nets on a device, in the engine that is named, or else the fastest but for compiled steps."""
        spec, data = tried.spec(), tried.data(0)
        models = [build(spec, tried.shape, CLASSES, net) for net in range(nets)]
        self.plain = choose(models[0], spec.recipe, tried.shape)
        """What is chosen where steps are not compiled."""
        self.chosen = choose(models[0], spec.recipe, tried.shape, arithmetic_of(str(device)))
        self.engine: Engine = make(name or self.plain, models, spec.recipe, device, tried.shape)
        few = min(tried.batch, tried.examples)
        self._inputs = data.inputs[:few].expand(nets, *(-1,) * 4).contiguous().to(device)
        self._labels = data.labels[:few].expand(nets, -1).contiguous().to(device)

    def __call__(self) -> None:
        """Take one."""
        self.engine.step(self._inputs, self._labels, {})


def engines(
    nets: Sequence[Tried], device: torch.device, *, compiled: Collection[Tried] | None = None, least: float = 0.3
) -> Answer:
    """Time a step of each net by each engine that can train it, and count what it holds.

    Args:
        nets: to train.
        device: where.
        compiled: those whose steps are compiled too; None for all on a GPU and the last elsewhere, since a compiler of
            C++ takes its time.
        least: seconds that each step is measured for.
    """
    rows: list[tuple[str, ...]] = []
    slower: list[str] = []
    counts = TOGETHER[device.type]
    compiled = (nets if device.type == "cuda" else nets[-1:]) if compiled is None else compiled
    for net in nets:
        one = Steps(net, device)
        chosen, rates = one.chosen, dict[EngineName, list[float]]()
        names: dict[EngineName, bool] = {"batched": one.plain == "batched", "loop": True, "compiled": net in compiled}
        for name in (name for name, able in names.items() if able):
            told = f"{name}{' (chosen)' * (name == chosen)}"
            try:
                rates[name] = [count / seconds(Steps(net, device, count, name), device, least) for count in counts]
            except NotCompiledError as error:
                rows.append((str(net), told, *("not compiled" for _ in counts), str(error), ""))
                continue
            held, there = _bytes(Steps(net, device, 1, name), device), memory(device)
            fit = f"{there / held:,.0f}" if there and held else "unknown"
            size = significant(held / 1e6) if held else "unknown"
            rows.append((str(net), told, *map(significant, rates[name]), size, fit))
        best = max(rates, key=lambda name: rates[name][-1])
        slower += [f"{net} by {best}"] if best != chosen else []
    return Answer(
        question="Which engine is fastest, and what fits the memory?",
        says=f"faster than what is chosen: {', '.join(slower)}" if slower else "those chosen are the fastest",
        columns=("net", "engine", *(f"{count} nets, steps/s" for count in counts), "MB a net", "nets that fit"),
        rows=rows,
    )


def _bytes(steps: Steps, device: torch.device) -> float:
    """What one net holds in a step at most, with its weights and its optimizer's state; on a GPU as measured there.

    What compiled steps hold nobody counts, on a GPU neither, where a graph has a memory of its own: 0.
    """
    steps()
    if isinstance(steps.engine, Compiled):
        return 0.0
    if device.type == "cuda" and started():
        torch.cuda.synchronize(device)
        torch.cuda.reset_peak_memory_stats(device)
        before = torch.cuda.memory_allocated(device)
        steps()
        passing = float(torch.cuda.max_memory_allocated(device) - before)
    else:
        passing = work(steps).peak
    return passing + sum(each.numel() * each.element_size() for each in steps.engine.held(0))
