"""A linear generator: the mean image and the principal components."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from memorization_claims.errors import UnfitDataError
from memorization_claims.generators.kind import Images, Kind
from memorization_claims.seed import torch_generator
from memorization_claims.spec.generator import GeneratorSpec


def fit(spec: GeneratorSpec, inputs: Tensor) -> dict[str, np.ndarray]:
    """The normal distribution of largest variance that `latent` values allow: images are mean + z . directions.

    Args:
        spec: the number of latent values; the seed, which counts only where nothing is to be learned: then the mean
            is 0 and the directions are random, with variance 1 in the mean over pixels.
        inputs: (n, *shape), float32.

    Returns:
        `mean`, shape, and `directions`, (latent, *shape), float32: the principal axes, orthogonal, each as long as the
        standard deviation along it, by falling length. Of each axis the largest component is positive.

    Raises:
        UnfitDataError: for more latent values than pixels, or than images less one.

    Source:
        Tipping & Bishop 1999, J. R. Stat. Soc. B 61 (3), section 3.2, without the noise beside the components.
    """
    rows = inputs.flatten(1).double()
    count, pixels = rows.shape
    if spec.latent > (most := min(count - 1, pixels)):
        raise UnfitDataError(f"latent is {spec.latent} for {count} images of {pixels} values; legal is 1 to {most}")
    if spec.learned:
        mean = rows.mean(dim=0)
        variances, axes = torch.linalg.eigh((rows - mean).T @ (rows - mean) / (count - 1))
        axes = axes.T.flip(0)[: spec.latent]
        lengths = variances.flip(0)[: spec.latent].clamp(min=0).sqrt()
        signs = axes.gather(1, axes.abs().argmax(dim=1, keepdim=True)).sign()
        directions = signs * axes * lengths[:, None]
    else:
        mean = torch.zeros(pixels)
        drawn = torch.randn(pixels, spec.latent, generator=torch_generator(spec.seed, "init", "generator"))
        directions = torch.linalg.qr(drawn).Q.T * (pixels / spec.latent) ** 0.5
    arrays = {"mean": mean.view(inputs.shape[1:]), "directions": directions.view(-1, *inputs.shape[1:])}
    return {name: tensor.float().cpu().numpy() for name, tensor in arrays.items()}


def images(spec: GeneratorSpec, tensors: Mapping[str, Tensor]) -> Images:
    """The generator of what `fit` returned."""
    mean, directions = tensors["mean"], tensors["directions"]
    return lambda latent: mean + torch.tensordot(latent, directions, dims=1)


PCA = Kind(fit, images)
