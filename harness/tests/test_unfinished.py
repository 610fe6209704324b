"""Runs that are interrupted and go on end with the bits of those that were left alone."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from torch import nn

from memorization_claims.data.dataset import prepare
from memorization_claims.lab import checkpointed
from memorization_claims.lab.laboratory import Laboratory
from memorization_claims.spec.data import Corruption
from memorization_claims.spec.run import Record, RunSpec
from memorization_claims.store import Entry
from memorization_claims.store.checkpoints import Checkpoints
from memorization_claims.tests.store_samples import KEYS, entry_of, key_of, same_bits
from memorization_claims.tests.test_cohort import CASES, PROBE
from memorization_claims.tests.training_samples import CPU, DIGITS, PLAIN, differing, spec, trained
from memorization_claims.training import engine as engines
from memorization_claims.training.cohort import Result, train
from memorization_claims.training.unfinished import State, abreast

BATCH_NORM: dict[str, Any] = {"recipe": PLAIN, "model": "cnn-bn-3", "nets": 2}
LOOPED = ("mlp of odd sizes, noise, two nets", "cnn, augmentation, adam", "mlp, stopping", "batch norm")
"""Cases that are trained one net after another too."""


def users_own(shape: tuple[int, int, int], classes: int) -> nn.Module:
    """A model that somebody names by its place."""
    return nn.Sequential(nn.Flatten(), nn.Linear(math.prod(shape), classes))


class Killed(Exception):
    """The end of a process, in a test."""


class Memory:
    """Keeps states in memory, as they would come from a disk, and ends the training after one of them."""

    def __init__(self, saves: int) -> None:
        self.states: dict[RunSpec, State] = {}
        self.saves = saves

    def load(self, spec: RunSpec) -> State | None:
        """The last state of a run."""
        return self.states.get(spec)

    def due(self) -> bool:
        """Whether the next state is kept: all are."""
        return True

    def save(self, spec: RunSpec, state: State) -> None:
        """Copy a state, unless the process has ended."""
        if not self.saves:
            raise Killed
        self.saves -= 1
        self.states[spec] = {name: np.array(array) for name, array in state.items()}


def finished(specs: list[RunSpec], memory: Memory) -> Iterable[tuple[RunSpec, Result]]:
    """The runs that end until the training is killed."""
    try:
        for run, arrays, _ in train(specs, [prepare(each, DIGITS) for each in specs], CPU, unfinished=memory):
            yield run, arrays
    except Killed:
        return


@pytest.mark.parametrize(
    ("case", "engine"), [*((case, "") for case in (*CASES, "batch norm")), *((case, "loop") for case in LOOPED)]
)
def test_what_goes_on_ends_with_the_same_bits(case: str, engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed again and again, between the states of two runs too, and begun anew with what was not finished."""
    if engine:
        monkeypatch.setattr(engines, "choose", lambda *_: engine)
    record = Record(probes=(PROBE,), examples="every", weights=(1, 2))
    kinds = [Corruption(), Corruption(kind="random-labels", fraction=0.5)]
    specs = [
        spec(seed, record=record, corruption=kind, **(CASES | {"batch norm": BATCH_NORM})[case])
        for seed in range(2)
        for kind in kinds
    ][:3]
    whole, memory, done = trained(specs), Memory(0), dict[RunSpec, Result]()
    while left := [run for run in specs if run not in done]:
        memory.saves = 4
        done |= dict(finished(left, memory))
    assert memory.states.keys() == set(specs)
    for run in specs:
        assert differing(done[run], whole[run]) == []


def test_runs_after_different_epochs_are_not_mixed() -> None:
    """Those that have not begun are apart too."""
    state = {"epoch": np.array(3)}
    assert abreast([0, 1, 2, 3], {1: state, 3: state, 2: {"epoch": np.array(1)}}) == [[0], [1, 3], [2]]


def test_seconds_are_those_of_all_parts() -> None:
    """What a run took before it was interrupted is not forgotten."""
    run, memory = spec(), Memory(1)
    assert not list(finished([run], memory))
    memory.states[run] = {**memory.states[run], "seconds": np.array(1000.0)}
    memory.saves = 9
    ((_, _, seconds),) = train([run], [prepare(run, DIGITS)], CPU, unfinished=memory)
    assert 1000 < seconds < 1060


def test_a_net_of_a_users_has_no_checkpoint() -> None:
    """Nobody knows all that it remembers."""
    run, memory = spec(model="memorization_claims.tests.test_unfinished:users_own"), Memory(0)
    assert len(list(finished([run], memory))) == 1


def test_a_laboratory_goes_on_from_a_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that was killed in training leaves a checkpoint; the next begins there, and leaves none."""
    monkeypatch.setattr(checkpointed, "EVERY", 0.0)
    run, epochs = spec(recipe=replace(PLAIN, epochs=4)), list[int]()
    laboratory = Laboratory(tmp_path, tmp_path, CPU)
    monkeypatch.setattr(Checkpoints, "save", killing(Checkpoints.save, after=2))
    with pytest.raises(Killed):
        laboratory.fill([run])
    monkeypatch.undo()
    folder = tmp_path / "checkpoints"
    assert [path.name for path in folder.iterdir()] == [laboratory.key(run)]
    again = Laboratory(tmp_path, tmp_path, CPU, announce=lambda line: None)
    monkeypatch.setattr(
        "memorization_claims.lab.progress.Progress.__call__", lambda self, epoch, *_: epochs.append(epoch)
    )
    again.fill([run])
    assert epochs == [3, 4]
    assert not list(folder.iterdir())
    found = again.store.load(again.key(run))
    assert found
    assert differing(found.arrays, trained([run])[run]) == []


def killing(save: Any, after: int) -> Any:
    """A way to save that ends the process after so many times."""
    saved = list[str]()

    def saving(self: Checkpoints, key: str, entry: Entry) -> None:
        if len(saved) == after:
            raise Killed
        saved.append(key)
        save(self, key, entry)

    return saving


def test_checkpoints_are_whole_or_not_there(tmp_path: Path) -> None:
    """The last one comes back bit for bit; one that is damaged, or a draft, is none."""
    checkpoints, key = Checkpoints(tmp_path / "checkpoints"), KEYS[0]
    assert checkpoints.load(key) is None
    for number in (1, 2):
        checkpoints.save(key, entry_of(number))
    found = checkpoints.load(key)
    assert found
    assert same_bits(found, entry_of(2))
    file = tmp_path / "checkpoints" / key
    content = bytearray(file.read_bytes())
    content[-5] ^= 1
    file.write_bytes(content)
    assert checkpoints.load(key) is None
    file.rename(file.with_name(f".{key}"))
    assert checkpoints.load(key) is None
    checkpoints.drop(key)
    assert not list(file.parent.iterdir())


def test_what_a_killed_process_left_is_swept(tmp_path: Path) -> None:
    """Of runs that are kept, and of no other."""
    checkpoints = Checkpoints(tmp_path / "checkpoints")
    checkpoints.sweep(lambda key: True)
    for key in (key_of("kept"), key_of("going on")):
        checkpoints.save(key, entry_of(1))
    checkpoints.sweep(lambda key: key == key_of("kept"))
    assert [path.name for path in (tmp_path / "checkpoints").iterdir()] == [key_of("going on")]


def test_a_full_disk_costs_no_training(tmp_path: Path) -> None:
    """There is no checkpoint then, and no error."""
    (tmp_path / "file").touch()
    checkpoints = Checkpoints(tmp_path / "file")
    checkpoints.save(KEYS[0], entry_of(1))
    assert checkpoints.load(KEYS[0]) is None
