"""The images that a run's nets are measured on."""

from __future__ import annotations

from typing import Literal

import torch

from memorization_claims.data.corruption import corrupt
from memorization_claims.lab.trained import Trained
from memorization_claims.seed import stream, torch_generator
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
        true, seed = data.validation_inputs.numpy(), stream(spec.seed, "measure", "held-out")
        labels = data.validation_labels.numpy()
        return torch.from_numpy(corrupt(true, labels, data.classes, spec.corruption, seed).images)
    return data.inputs if on == "training" else data.validation_inputs
