"""Nets set beside nets: what both answer to the images that the first one answers to most strongly."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import torch

from harness import fingerprint
from harness.errors import SettingError
from harness.generators.generator import Generator
from harness.measures.dissection.answers import answers, representatives
from harness.measures.dissection.dissection import Dissection
from harness.measures.dissection.maximisation import maximise
from harness.seed import torch_generator
from harness.spec import RunSpec

if TYPE_CHECKING:
    from harness.runs import Runs

AT_ONCE = 2**23
"""Values of images that are sought at a time: of each one the nets keep all layers for the way back."""
CODE = ("harness.measures.dissection", "harness.generators", __name__)
T = TypeVar("T")
Answers = tuple[torch.Tensor, torch.Tensor]


@dataclass(frozen=True, eq=False)
class Comparison:
    """Dissects the nets of some runs, with the generators of their training images."""

    dissection: Dissection
    generators: Mapping[RunSpec, tuple[str, Generator]]
    """Of each run the name of its generator in the store, and the generator; empty where real images are shown."""

    def answers(self, runs: Runs, first: Sequence[RunSpec], second: Sequence[RunSpec]) -> list[Answers]:
        """The logits of both nets of every pair of each two runs, each (pairs, classes, starts, classes)."""
        shown = self.sought(runs, first) if self.generators else self._real(runs, first)
        found = []
        for some in _portions(list(range(len(first))), self._each(runs, first[0])):
            ours, theirs = [first[row] for row in some], [second[row] for row in some]
            chosen = [pairs(one, other) for one, other in zip(ours, theirs, strict=True)]
            data = runs.dataset(ours[0])
            images = [shown[row][net] for row, own in zip(some, chosen, strict=True) for net, _ in own]
            one = runs.logits([(run, net) for run, own in zip(ours, chosen, strict=True) for net, _ in own], data)
            other = runs.logits([(run, net) for run, own in zip(theirs, chosen, strict=True) for _, net in own], data)
            both = answers(one, other, torch.stack(images).to(runs.device))
            parts = [torch.split(own, [len(each) for each in chosen]) for own in both]
            found += list(zip(*parts, strict=True))
        return found

    def sought(self, runs: Runs, specs: Sequence[RunSpec]) -> list[torch.Tensor]:
        """Of each run the images that its nets answer to most strongly: (nets, classes, starts, *shape).

        Their latent vectors are kept in the store, by the run, the generator, the dissection and its code.
        """
        names = dict(zip(specs, self._names(runs, specs), strict=True))
        kept = {spec: runs.store.load_value(name) for spec, name in names.items()}
        missing = [spec for spec, value in kept.items() if value is None]
        for some in _portions(missing, self._each(runs, specs[0])):
            for spec, own in zip(some, self._search(runs, some), strict=True):
                kept[spec] = {"latent": own.cpu().numpy()}
                runs.store.save_value(names[spec], {"latent": own.cpu().numpy()})
        found = []
        for spec in specs:
            latent = torch.as_tensor((kept[spec] or {})["latent"]).to(runs.device)
            with torch.no_grad():
                found.append(self.generators[spec][1].images(latent.flatten(0, 2)).unflatten(0, latent.shape[:3]))
        return found

    def _real(self, runs: Runs, specs: Sequence[RunSpec]) -> list[torch.Tensor]:
        """Of each run, for each of its nets, the same validation images: (nets, classes, starts, *shape)."""
        found = []
        for spec in specs:
            data = runs.dataset(spec)
            images = representatives(
                data.validation_inputs, data.validation_labels, data.classes, self.dissection.starts
            )
            found.append(images.expand(spec.nets, *images.shape))
        return found

    def _names(self, runs: Runs, specs: Sequence[RunSpec]) -> list[str]:
        code = [fingerprint.of_module(module) for module in CODE]
        parts = [
            [runs.keys[spec], self.generators[spec][0], repr(self.dissection), code, runs.patched] for spec in specs
        ]
        return [hashlib.sha256(json.dumps(own).encode()).hexdigest() for own in parts]

    def _each(self, runs: Runs, spec: RunSpec) -> int:
        """How many runs' images are sought at a time."""
        data = runs.dataset(spec)
        return max(1, AT_ONCE // (spec.nets * data.classes * self.dissection.starts * data.inputs[0].numel()))

    def _search(self, runs: Runs, specs: Sequence[RunSpec]) -> Sequence[torch.Tensor]:
        """Of each run the latent vectors that its nets answer to most strongly: (nets, classes, starts, latent)."""
        nets = [(spec, net) for spec in specs for net in range(spec.nets)]
        data = runs.dataset(specs[0])
        generators = [self.generators[spec][1] for spec, _ in nets]

        def images(z: torch.Tensor) -> torch.Tensor:
            return torch.stack([generator.images(own) for generator, own in zip(generators, z, strict=True)])

        found = maximise(
            runs.logits(nets, data),
            images,
            latent=generators[0].latent,
            classes=data.classes,
            how=self.dissection,
            generators=[torch_generator(spec.seed, "measure", "dissection", net) for spec, net in nets],
        )
        return torch.split(found, [spec.nets for spec in specs])


def pairs(one: RunSpec, other: RunSpec) -> list[tuple[int, int]]:
    """Each net of a run with each of another that has another index: another initialisation, another order.

    Raises:
        SettingError: where there is no such pair.
    """
    found = [(net, beside) for net in range(one.nets) for beside in range(other.nets) if net != beside]
    if not found:
        raise SettingError("nets is 1 of runs whose nets are compared; legal is 2 or more")
    return found


def _portions(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (items[start : start + size] for start in range(0, len(items), size))
