"""The nets that a machine is tried with, on generated data, and how they are trained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from memorization_claims.data.dataset import Dataset
from memorization_claims.errors import NotCompiledError
from memorization_claims.seed import numpy_generator
from memorization_claims.spec.arithmetic import Arithmetic, arithmetic_of
from memorization_claims.spec.recipe import Recipe
from memorization_claims.spec.run import RunSpec
from memorization_claims.training.cohort import Result, train

CLASSES = 10


@dataclass(frozen=True)
class Tried:
    """A net, and how it is trained."""

    model: str
    side: int = 8
    """Of the images, in pixels."""
    channels: int = 1
    examples: int = 300
    batch: int = 32
    """Examples of a step; the last step of an epoch has those that are left."""
    epochs: int = 3

    def __str__(self) -> str:
        return f"{self.model} at {self.side} px"

    @property
    def shape(self) -> tuple[int, int, int]:
        """Of an image: (channels, height, width)."""
        return self.channels, self.side, self.side

    def spec(self, seed: int = 0, nets: int = 1) -> RunSpec:
        """The run of a seed."""
        recipe = Recipe(rate=0.01, batch=self.batch, epochs=self.epochs)
        return RunSpec(data="digits", model=self.model, recipe=recipe, seed=seed, nets=nets)

    def data(self, seed: int) -> Dataset:
        """Its data: normal values around a prototype of each class, drawn by NumPy and so the same on every machine."""
        draws = numpy_generator(seed, "test", "doctor")
        prototypes = draws.standard_normal((CLASSES, *self.shape))
        few = self.examples // 2
        labels = draws.integers(CLASSES, size=self.examples + few)
        images = prototypes[labels] + draws.standard_normal((len(labels), *self.shape))
        inputs, said = torch.from_numpy(images.astype(np.float32)), torch.from_numpy(labels)
        return Dataset(
            inputs=inputs[:-few],
            labels=said[:-few],
            true_labels=said[:-few],
            changed=torch.zeros(self.examples, dtype=torch.bool),
            validation_inputs=inputs[-few:],
            validation_labels=said[-few:],
            classes=CLASSES,
            span=None,
        )


NETS = (
    Tried("mlp-2x64"),
    Tried("cnn-16"),
    Tried("cnn-bn-16"),
    Tried("resnet8-8", side=32, channels=3, examples=80),
    Tried("vgg3-8", side=32, channels=3, examples=80),
)
"""A stack of products, one of convolutions, one with batch norm, and nets that are trained in a loop."""
FEW = (NETS[0], NETS[-1])
"""Of these, for what takes long on a CPU."""


def trained(
    tried: Tried,
    device: torch.device,
    seeds: Sequence[int] = (0,),
    nets: int = 1,
    arithmetic: Arithmetic | None = None,
) -> list[Result]:
    """The arrays of the runs of some seeds, trained as one cohort as a session does it, or in another arithmetic.

    Steps that cannot be compiled are not.
    """
    specs, how = [tried.spec(seed, nets) for seed in seeds], arithmetic or arithmetic_of(str(device))
    datasets = [tried.data(seed) for seed in seeds]
    try:
        found = {run: arrays for run, arrays, _ in train(specs, datasets, device, arithmetic=how)}
    except NotCompiledError:
        return trained(tried, device, seeds, nets, replace(how, compiled=False))
    return [found[spec] for spec in specs]
