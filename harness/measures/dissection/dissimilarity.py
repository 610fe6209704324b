"""How far apart two nets' answers to the same images are, and whether one recognises what the other saw in them."""

from __future__ import annotations

import math
from typing import Literal, get_args

import torch
from torch import Tensor

from memorization_claims.errors import SettingError

Divergence = Literal["jensen-shannon", "kullback-leibler"]


def dissimilarity(first: Tensor, second: Tensor, *, divergence: Divergence = "jensen-shannon") -> Tensor:
    """Average over classes and starts the divergence of two nets' class probabilities.

    Args:
        first: logits (pairs, classes, starts, classes), floating point, of the net whose images these are.
        second: logits of the other net, of the same images.
        divergence: kullback-leibler is KL(first || second), the paper's, unbounded; jensen-shannon, at most log 2, does
            not depend on how sure a net is that is sure of the wrong class.

    Returns:
        Shape (pairs,), float64, in nats, at least 0; finite wherever the logits are.

    Raises:
        SettingError: for logits of unequal or another shape, or an unknown divergence.

    Source:
        Gu & Tresp 2019, section 3, equation 2; the average over starts is that of section 4.
    """
    if divergence not in get_args(Divergence):
        raise SettingError(f"divergence is {divergence!r}; legal are {', '.join(get_args(Divergence))}")
    _check(first, second)
    between = jensen_shannon if divergence == "jensen-shannon" else kullback_leibler
    return between(first, second).mean(dim=(1, 2))


def kullback_leibler(first: Tensor, second: Tensor) -> Tensor:
    """KL(p || q) of the class probabilities p of the first logits and q of the second: the paper's order.

    Args:
        first: logits (..., classes), floating point.
        second: logits of the same shape.

    Returns:
        Shape (...), float64, in nats, at least 0. From log-softmax: where a probability of q underflows to 0, its
        logarithm is still that of the logits.

    Source:
        Gu & Tresp 2019, section 3, equation 2: D_KL(f1 || f2).
    """
    p, q = first.double().log_softmax(-1), second.double().log_softmax(-1)
    return _divergence(p, q)


def jensen_shannon(first: Tensor, second: Tensor) -> Tensor:
    """Average of KL(p || m) and KL(q || m) with m = (p + q) / 2.

    Args:
        first: logits (..., classes), floating point.
        second: logits of the same shape.

    Returns:
        Shape (...), float64, in nats, in [0, log 2], the same for either order.

    Source:
        Lin 1991, Divergence measures based on the Shannon entropy, section IV.
    """
    p, q = first.double().log_softmax(-1), second.double().log_softmax(-1)
    middle = torch.logaddexp(p, q) - math.log(2)
    return ((_divergence(p, middle) + _divergence(q, middle)) / 2).clamp_max(math.log(2))


def recognised(first: Tensor, second: Tensor) -> Tensor:
    """The share of the first net's images to which the second gives the class that they were sought for.

    Args:
        first: logits (pairs, classes, starts, classes) of the net whose images these are; their values do not count.
        second: logits of the other net, of the same images.

    Returns:
        Shape (pairs,), float64, in [0, 1].

    Raises:
        SettingError: for logits of unequal or another shape.

    Source:
        Gu & Tresp 2019, section 3: "test whether f2 also has a high response on the pattern at the j-th class".
    """
    _check(first, second)
    intended = torch.arange(second.shape[1], device=second.device)[:, None]
    return (second.argmax(dim=-1) == intended).double().mean(dim=(1, 2))


def found(first: Tensor, second: Tensor) -> Tensor:
    """The share of the first net's images to which that net itself gives the class that they were sought for.

    Takes, returns and raises what `recognised` does.
    """
    _check(first, second)
    return recognised(second, first)


def recognised_of_found(first: Tensor, second: Tensor) -> Tensor:
    """The share, among the images that the first net itself gives their class, of those to which the second does too.

    Takes and raises what `recognised` does.

    Returns:
        Shape (pairs,), float64, in [0, 1]; NaN where the first net gives no image its class.
    """
    _check(first, second)
    intended = torch.arange(first.shape[1], device=first.device)[:, None]
    ours, theirs = (logits.argmax(dim=-1) == intended for logits in (first, second))
    return (ours & theirs).double().sum(dim=(1, 2)) / ours.sum(dim=(1, 2))


def _divergence(p: Tensor, q: Tensor) -> Tensor:
    """KL of log-probabilities (..., classes); rounding may take a sum that is zero a little below it."""
    return (p.exp() * (p - q)).sum(dim=-1).clamp_min(0)


def _check(first: Tensor, second: Tensor) -> None:
    shape = tuple(first.shape)
    if len(shape) != 4 or shape[1] != shape[3] or 0 in shape or second.shape != first.shape:
        raise SettingError(
            f"logits of shapes {shape} and {tuple(second.shape)}: need (pairs, classes, starts, classes), none empty, "
            "and the same of both nets"
        )
