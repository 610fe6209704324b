"""The images that a run's nets are measured on."""

from __future__ import annotations

from typing import Literal

import torch

from memorization_claims.data.corruption import corrupt_held_out
from memorization_claims.lab.trained import Trained
from memorization_claims.seed import torch_generator
from memorization_claims.spec.run import RunSpec

Images = Literal["training", "validation", "held-out", "generated"]
"""held-out: validation images, with the corruption of the training images where that is one of images."""
GENERATED = 1000
"""Images that are drawn from a run's generator to measure its nets on."""


def images(runs: Trained, spec: RunSpec, on: Images) -> torch.Tensor:
    """What a run's nets are measured on: (images, *shape), float32, on the CPU."""
    if on == "generated":
        generator = runs.generator(spec)
        latent = torch.randn(GENERATED, generator.latent, generator=torch_generator(spec.seed, "measure", "latent"))
        with torch.no_grad():
            return generator.images(latent.to(runs.device)).cpu()
    data = runs.dataset(spec)
    if on == "held-out":
        true, labels = data.validation_inputs.numpy(), data.validation_labels.numpy()
        held_out = corrupt_held_out(
            true, labels, data.classes, spec.corruption, seed=spec.seed, examples=len(data.labels)
        )
        return torch.from_numpy(held_out.images)
    return data.inputs if on == "training" else data.validation_inputs
