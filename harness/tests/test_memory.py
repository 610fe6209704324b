"""A device whose memory runs out trains fewer runs at once, and to the same bits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import nn

from memorization_claims.data.dataset import prepare
from memorization_claims.errors import SettingError
from memorization_claims.spec.run import RunSpec
from memorization_claims.tests.training_samples import CPU, DIGITS, PLAIN, differing, spec, trained
from memorization_claims.training import cohort, engine
from memorization_claims.training.memory import as_memory_allows

FULL = "CUDA out of memory. Tried to allocate 2.00 GiB.\nSee the documentation"


def run_out(monkeypatch: pytest.MonkeyPatch, nets: int, epoch: int = 0) -> list[int]:
    """From an epoch on, no more than so many nets are trained at once; the numbers that were tried."""
    tried, plain = list[int](), cohort._Cohort._epoch

    def _epoch(self: Any, number: int) -> None:
        if number == epoch:
            tried.append(len(self.alive))
        if number >= epoch and len(self.alive) > nets:
            raise torch.OutOfMemoryError(FULL)
        plain(self, number)

    monkeypatch.setattr(cohort._Cohort, "_epoch", _epoch)
    return tried


def noted(specs: list[RunSpec]) -> tuple[dict[RunSpec, Any], list[str]]:
    """The arrays of runs of one cohort, and the lines about them."""
    lines: list[str] = []
    data = [prepare(each, DIGITS) for each in specs]
    return {run: arrays for run, arrays, _ in cohort.train(specs, data, CPU, None, lines.append)}, lines


@pytest.mark.parametrize("epoch", [0, 2])
def test_the_same_bits(epoch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Halved from seven runs to two, at the start of training or in the midst of it; each is yielded once."""
    specs = [spec(seed, replace(PLAIN, dropout=0.2)) for seed in range(7)]
    together = trained(specs)
    tried = run_out(monkeypatch, 2, epoch)
    found, lines = noted(specs)
    assert tried == [7, 4, 2, 2, 2, 1]
    assert list(found) == specs
    assert all(differing(found[run], together[run]) == [] for run in specs)
    said = "CUDA out of memory. Tried to allocate 2.00 GiB."
    assert lines == [
        f"7 runs side by side do not fit the memory, 4 are tried; {said}",
        f"4 runs side by side do not fit the memory, 2 are tried; {said}",
    ]


def test_what_is_done_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs that stopped before the memory ran out are not trained again."""
    recipe = replace(PLAIN, epochs=40, stop_accuracy=0.85)
    specs = [spec(seed, recipe, model="mlp-1x20") for seed in range(5)]
    together = trained(specs)
    ends = sorted(int(together[run]["stopped"][0]) for run in specs)
    assert ends[0] < ends[-1]
    tried = run_out(monkeypatch, 1, ends[0])
    found, lines = noted(specs)
    assert len(found) == 5
    assert all(differing(found[run], together[run]) == [] for run in specs)
    assert lines
    assert tried[0] == len(specs) - ends.count(ends[0])


def test_one_that_does_not_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is tried any more, and the device's own words are told."""
    tried = run_out(monkeypatch, 0)
    with pytest.raises(torch.OutOfMemoryError, match="Tried to allocate"):
        noted([spec(seed) for seed in range(3)])
    assert tried == [3, 2, 1]


def net(shape: tuple[int, int, int], classes: int) -> nn.Module:
    """A user's."""
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 5), nn.ReLU(), nn.Linear(5, classes))


def test_nets_of_users(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are halved as others are, though what they raise is told as theirs; other mistakes of theirs end it."""
    specs = [spec(seed, model=f"{__name__}:net") for seed in range(3)]
    together = trained(specs)
    plainly = engine.make

    def make(*given: Any) -> Any:
        made, nets = plainly(*given), len(given[1])
        plain = made.step

        def planted(*batch: Any) -> None:
            if nets > 1:
                raise error
            plain(*batch)

        monkeypatch.setattr(made, "step", planted)
        return made

    monkeypatch.setattr(engine, "make", make)
    error: Exception = torch.OutOfMemoryError(FULL)
    found, lines = noted(specs)
    assert all(differing(found[run], together[run]) == [] for run in specs)
    assert [line[:6] for line in lines] == ["3 runs", "2 runs"]
    error = RuntimeError("shapes do not match")
    with pytest.raises(SettingError, match="raised RuntimeError: shapes do not match"):
        noted(specs)


def test_memory_is_given_back() -> None:
    """What a cohort held is free when fewer are tried: neither the exception nor its traceback holds it."""
    alive: list[int] = []

    class Held:
        def __init__(self) -> None:
            alive.append(1)

        def __del__(self) -> None:
            alive.pop()

    def train(few: list[int]) -> Iterator[tuple[int, int]]:
        assert not alive
        held = Held()
        if len(few) > 1:
            raise torch.OutOfMemoryError(FULL)
        yield few[0], id(held)

    assert len(list(as_memory_allows([[0, 1, 2]], train, lambda line: None))) == 3
