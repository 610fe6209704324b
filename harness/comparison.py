"""Nets set beside nets: what both answer to the images that the first one answers to most strongly."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from harness import fingerprint
from harness.data.dataset import Dataset
from harness.errors import SettingError
from harness.generators.generator import Generator
from harness.measures.dissection.answers import Function, answers, representatives
from harness.measures.dissection.maximisation import maximise
from harness.measures.dissection.dissection import Dissection
from harness.seed import torch_generator
from harness.spec import RunSpec

if TYPE_CHECKING:
    from harness.runs import Runs

Pair = tuple[RunSpec, int, RunSpec, int]
"""The first net and the second, each as a run and an index in it."""
Answers = tuple[torch.Tensor, torch.Tensor]
AT_ONCE = 2**23
"""Values of images that are sought at a time: the nets keep theirs of every layer for the way back."""
CODE = ("harness.measures.dissection", "harness.generators", __name__)


@dataclass(frozen=True, eq=False)
class Comparison:
    """Dissects the nets of some runs, with the generators of their training images."""

    dissection: Dissection
    generators: Mapping[RunSpec, tuple[str, Generator]]
    """Of each run the name of its generator in the store, and the generator; empty where real images are shown."""

    def answers(self, runs: Runs, first: Sequence[RunSpec], second: Sequence[RunSpec]) -> list[Answers]:
        """For each two runs the logits of both nets of every pair, each (pairs, classes, starts, classes).

        Kept in the store, by both runs, the generator, the dissection and its code.
        """
        names = {both: self._key(runs, *both) for both in zip(first, second, strict=True)}
        kept = {both: runs.store.load_value(name) for both, name in names.items()}
        missing = [both for both, value in kept.items() if value is None]
        while missing:
            few = max(1, AT_ONCE // self._values(runs, *missing[0]))
            for both, found in zip(missing[:few], self._answer(runs, missing[:few]), strict=True):
                value = {name: own.cpu().numpy() for name, own in zip(("first", "second"), found, strict=True)}
                kept[both] = value
                runs.store.save_value(names[both], value)
            missing = missing[few:]
        return [(torch.as_tensor(own["first"]), torch.as_tensor(own["second"])) for own in kept.values() if own]

    def _key(self, runs: Runs, one: RunSpec, other: RunSpec) -> str:
        generator = self.generators[one][0] if self.generators else ""
        code = [fingerprint.of_module(module) for module in CODE]
        parts = [runs.keys[one], runs.keys[other], generator, repr(self.dissection), code, runs.patched]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    def _values(self, runs: Runs, one: RunSpec, other: RunSpec) -> int:
        data = runs.dataset(one)
        return len(pairs(one, other)) * data.classes * self.dissection.starts * data.inputs[0].numel()

    def _answer(self, runs: Runs, both: Sequence[tuple[RunSpec, RunSpec]]) -> list[Answers]:
        chosen = [pair for one, other in both for pair in pairs(one, other)]
        data = {one: runs.dataset(one) for one, _ in both}
        some = data[both[0][0]]
        first = runs.logits([(one, net) for one, net, _, _ in chosen], some)
        second = runs.logits([(other, net) for _, _, other, net in chosen], some)
        if self.generators:
            images = self._sought(first, chosen, some.classes)
        else:
            shown = [_real(data[one], self.dissection.starts) for one, *_ in chosen]
            images = torch.stack(shown).to(runs.device)
        sizes = [len(pairs(*each)) for each in both]
        parts = [torch.split(own, sizes) for own in answers(first, second, images)]
        return list(zip(*parts, strict=True))

    def _sought(self, first: Function, chosen: Sequence[Pair], classes: int) -> torch.Tensor:
        """The images that each first net answers to most strongly: (pairs, classes, starts, *shape)."""
        generators = [self.generators[one][1] for one, *_ in chosen]

        def images(z: torch.Tensor) -> torch.Tensor:
            return torch.stack([generator.images(own) for generator, own in zip(generators, z, strict=True)])

        z = maximise(
            first,
            images,
            latent=generators[0].latent,
            classes=classes,
            how=self.dissection,
            generators=[torch_generator(one.seed, "measure", "dissection", net) for one, net, *_ in chosen],
        )
        with torch.no_grad():
            return images(z.flatten(1, 2)).unflatten(1, z.shape[1:3])


def pairs(one: RunSpec, other: RunSpec) -> list[Pair]:
    """Each net of a run with each of the other run that has another index: another initialisation, another order.

    Raises:
        SettingError: where there is no such pair.
    """
    found = [(one, net, other, beside) for net in range(one.nets) for beside in range(other.nets) if net != beside]
    if not found:
        raise SettingError("nets is 1 of runs whose nets are compared; legal is 2 or more")
    return found


def _real(data: Dataset, most: int) -> torch.Tensor:
    return representatives(data.validation_inputs, data.validation_labels, data.classes, most)
