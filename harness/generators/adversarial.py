"""How a DCGAN is trained: generator and discriminator in turns."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from memorization_claims.errors import UndecidableError
from memorization_claims.generators.dcgan import discriminator_net, generator_net, images, initialise
from memorization_claims.generators.kind import Kind
from memorization_claims.seed import torch_generator
from memorization_claims.spec.generator import GeneratorSpec


def train(spec: GeneratorSpec, inputs: Tensor) -> dict[str, np.ndarray]:
    """Train a DCGAN on images, for each batch one step of the discriminator and one of the generator.

    The discriminator is trained to tell real from generated images, on a batch of each, and the generator to have its
    own taken for real: it lessens -log D(G(z)), not log(1 - D(G(z))), whose gradient vanishes at the start.

    Args:
        spec: sizes, epochs, batch and rate; where nothing is to be learned the generator keeps its initial weights.
        inputs: (n, channels, height, width), float32; their least and largest values are put to -1 and 1.

    Returns:
        `weights/NAME` of the generator, `low` and `high` of the inputs, `shape` of an image; `trace/generator` and
        `trace/discriminator`, (epochs,), mean losses in nats: log 2 and twice that where the discriminator guesses.

    Raises:
        UnfitDataError: for images with an odd side, or one below 4 pixels.
        UndecidableError: where a loss was no longer finite.

    Source:
        Goodfellow et al. 2014, section 3; Radford et al. 2015, section 4: Adam with betas 0.5 and 0.999.
    """
    channels, height, width = inputs.shape[1:]
    with torch.random.fork_rng(devices=[]):  # making modules draws from the global generator
        nets = (generator_net(spec, (channels, height, width)), discriminator_net(spec, (channels, height, width)))
    for net, part in zip(nets, ("generator", "discriminator"), strict=True):
        initialise(net, spec.seed, part)
        net.to(inputs.device).to(memory_format=torch.channels_last)
    low, high = inputs.min(), inputs.max()
    scaled = 2 * (inputs - low) / (high - low) - 1
    losses = _alternate(spec, *nets, scaled) if spec.learned else np.empty((0, 2), np.float32)
    arrays = {f"weights/{name}": tensor.cpu().numpy() for name, tensor in nets[0].state_dict().items()}
    arrays |= {"low": low.cpu().numpy(), "high": high.cpu().numpy(), "shape": np.array(inputs.shape[1:])}
    return arrays | {"trace/discriminator": losses[:, 0], "trace/generator": losses[:, 1]}


def _alternate(spec: GeneratorSpec, generator: nn.Module, discriminator: nn.Module, images: Tensor) -> np.ndarray:
    """Train both nets in place; the discriminator's and the generator's loss in each epoch, (epochs, 2)."""
    order = torch_generator(spec.seed, "order", "generator")
    noise = torch_generator(spec.seed, "noise", "generator")
    optimizers = [
        torch.optim.Adam(net.parameters(), lr=spec.rate, betas=(0.5, 0.999)) for net in (discriminator, generator)
    ]
    losses = []
    for epoch in range(spec.epochs):
        sums = []
        rows = torch.randperm(len(images), generator=order)
        drawn = [torch.randn(len(few), spec.latent, 1, 1, generator=noise) for few in torch.split(rows, spec.batch)]
        # A copy an epoch, where each batch's own would be waited for.
        batches = [torch.split(each.to(images.device), spec.batch) for each in (rows, torch.cat(drawn))]
        for few, latent in zip(*batches, strict=True):
            real, fake = images[few], generator(latent)
            told_apart = softplus(-discriminator(real)).mean() + softplus(discriminator(fake.detach())).mean()
            _step(optimizers[0], told_apart)
            taken_for_real = softplus(-discriminator(fake)).mean()
            _step(optimizers[1], taken_for_real)
            sums.append(torch.stack([told_apart.detach(), taken_for_real.detach()]) * len(real))
        losses.append(torch.stack(sums).sum(dim=0).cpu().numpy() / len(images))
        if not np.isfinite(losses[-1]).all():
            raise UndecidableError(f"the losses of the DCGAN were no longer finite in epoch {epoch + 1}")
    return np.stack(losses) if losses else np.empty((0, 2), np.float32)


def _step(optimizer: torch.optim.Optimizer, loss: Tensor) -> None:
    parameters = optimizer.param_groups[0]["params"]
    for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
        parameter.grad = gradient
    optimizer.step()


DCGAN = Kind(train, images)
