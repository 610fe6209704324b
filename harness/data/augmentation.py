"""Random crops and flips as tensor operations on a batch."""

from __future__ import annotations

import torch
from torch import Tensor


def augment(images: Tensor, generator: torch.Generator, *, crop: int, flip: bool, bordered: bool = False) -> Tensor:
    """Pad, crop back to size and mirror, each image at random.

    Args:
        images: (n, channels, height, width), on any device.
        generator: a CPU generator; the same draws on every device.
        crop: pixels of zero padding on each side before the crop; 0 does not crop.
        flip: mirror left to right with probability one half.
        bordered: the images have as many pixels more on each side, and are not padded.
    """
    border = crop if bordered else 0
    count, height, width = len(images), images.shape[2] - 2 * border, images.shape[3] - 2 * border
    offset = torch.randint(0, 2 * crop + 1, (2, count), generator=generator)
    mirrored = (torch.rand(count, generator=generator) < 0.5) & flip
    top, left, mirrored = torch.stack([*offset, mirrored])[:, :, None].to(images.device)
    which, down, right = (torch.arange(size, device=images.device) for size in (count, height, width))
    columns = left + torch.where(mirrored.bool(), width - 1 - right, right)
    padded = images if bordered else torch.nn.functional.pad(images, (crop, crop, crop, crop))
    return padded[which[:, None, None], :, (top + down)[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)


def whitened(images: Tensor) -> Tensor:
    """Images less their mean, over their deviation, each by itself: what `whiten` asks for, after a crop."""
    flat = images.flatten(1)
    scale = flat.std(dim=1, correction=0, keepdim=True).clamp(min=flat.shape[1] ** -0.5)
    return ((flat - flat.mean(dim=1, keepdim=True)) / scale).view_as(images)
