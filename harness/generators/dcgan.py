"""The two networks of a deep convolutional GAN (Radford et al. 2015)."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from memorization_claims.errors import UnfitDataError
from memorization_claims.generators.kind import Images
from memorization_claims.seed import torch_generator
from memorization_claims.spec.generator import GeneratorSpec

Shape = tuple[int, int, int]


def generator_net(spec: GeneratorSpec, shape: Shape) -> nn.Sequential:
    """A projection to an eighth of the image's sides, and a transposed convolution for each doubling; tanh.

    Batch norm and ReLU follow all but the last, which has the image's channels. For 32 x 32 these are four transposed
    convolutions, the number that Gu & Tresp 2019 name, which begin with 4 x 4 pixels; with a width of 128, three have
    512, 256 and 128 channels. Sides that cannot be halved three times down to 2 pixels are halved less often.

    Args:
        spec: latent values, and the channels of the last hidden layer.
        shape: (channels, height, width) of an image.

    Returns:
        From (n, latent, 1, 1) to (n, *shape), in [-1, 1].

    Raises:
        UnfitDataError: for images with an odd side, or one below 4 pixels.

    Source:
        Radford et al. 2015, section 3 and figure 1: kernels 5 x 5, stride 2.
    """
    doublings, smallest = _doublings(shape)
    channels = spec.width * 2 ** (doublings - 1)
    layers: list[nn.Module] = [nn.ConvTranspose2d(spec.latent, channels, smallest, bias=False)]
    for outputs in [channels // 2**each for each in range(1, doublings)] + [shape[0]]:
        layers += [nn.BatchNorm2d(channels), nn.ReLU()]
        layers.append(nn.ConvTranspose2d(channels, outputs, 5, stride=2, padding=2, output_padding=1, bias=False))
        channels = outputs
    return nn.Sequential(*layers, nn.Tanh())


def discriminator_net(spec: GeneratorSpec, shape: Shape) -> nn.Sequential:
    """The generator's mirror image: strided convolutions with leaky ReLU, batch norm in all but the first and the last.

    Args:
        spec: the channels of the first layer, which double from layer to layer.
        shape: (channels, height, width) of an image.

    Returns:
        From (n, *shape), in [-1, 1], to (n, 1, 1, 1): the log odds that an image is real.

    Raises:
        UnfitDataError: for images with an odd side, or one below 4 pixels.

    Source:
        Radford et al. 2015, section 3; a slope of 0.2, section 4.
    """
    doublings, smallest = _doublings(shape)
    layers: list[nn.Module] = [nn.Conv2d(shape[0], spec.width, 5, stride=2, padding=2, bias=False), nn.LeakyReLU(0.2)]
    for inputs in [spec.width * 2**each for each in range(doublings - 1)]:
        layers += [nn.Conv2d(inputs, 2 * inputs, 5, stride=2, padding=2, bias=False), nn.BatchNorm2d(2 * inputs)]
        layers.append(nn.LeakyReLU(0.2))
    return nn.Sequential(*layers, nn.Conv2d(spec.width * 2 ** (doublings - 1), 1, smallest, bias=False))


def initialise(net: nn.Module, seed: int, part: str) -> None:
    """Normal weights with deviation 0.02, those of batch norm around 1 (Radford et al. 2015, section 4 and code)."""
    generator = torch_generator(seed, "init", "generator", part)
    for module in net.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.normal_(module.weight, 0.0, 0.02, generator=generator)
        elif isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.weight, 1.0, 0.02, generator=generator)


def images(spec: GeneratorSpec, tensors: Mapping[str, Tensor]) -> Images:
    """Make the generator from its `weights/NAME`, `low`, `high` and `shape`, in evaluation mode."""
    channels, height, width = tensors["shape"].tolist()
    with torch.random.fork_rng(devices=[]):  # making modules draws from the global generator
        net = generator_net(spec, (channels, height, width))
    weights = {key.removeprefix("weights/"): tensor for key, tensor in tensors.items() if key.startswith("weights/")}
    net.to(tensors["low"].device).load_state_dict(weights)
    net.eval().requires_grad_(False)
    low, high = tensors["low"], tensors["high"]
    return lambda latent: low + (high - low) * (net(latent[:, :, None, None]) + 1) / 2


def _doublings(shape: Shape) -> tuple[int, tuple[int, int]]:
    """How often the images are halved, and the sides that are left."""
    height, width = shape[1:]
    count = 0
    while count < 3 and height % 2 == width % 2 == 0 and min(height, width) >= 4:
        height, width, count = height // 2, width // 2, count + 1
    if not count:
        raise UnfitDataError(f"a DCGAN takes images with even sides from 4 pixels; these have {shape[1]} x {shape[2]}")
    return count, (height, width)
