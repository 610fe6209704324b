"""Whether the gradients of a batch's examples agree or cancel (Gu & Tresp 2019, section 2).

Where m gradients are orthogonal, the mean of a batch is 1/sqrt(m) as long as they are. Where they share a direction, a
part of that length does not shrink with the batch. The paper says in words that gradients are consistent or cancel; it
has no measure of its own.
"""

from __future__ import annotations

import torch
from torch import Tensor

from memorization_claims.errors import SettingError


def agreement(products: Tensor) -> Tensor:
    """Divide the length of the mean gradient by the mean length of the gradients.

    Args:
        products: shape (nets, examples, examples), at least 2 examples: the inner products of the gradients of the
            examples' own losses, of each net.

    Returns:
        Shape (nets,), float64, in [0, 1]: 1 where all gradients are equal, 1/sqrt(examples) where they are orthogonal
        and equally long, 0 where they cancel; NaN where all of them are zero.

    Raises:
        SettingError: for another shape, or fewer than 2 examples.
    """
    gram, squares = _checked(products)
    return _mean_length(gram) / squares.sqrt().mean(-1)


def direction_agreement(products: Tensor) -> Tensor:
    """Give the length of the mean of the gradients' directions, to which a few long gradients are worth no more.

    With m examples and a mean cosine c over all pairs, its square is (1 + (m - 1) c) / m: a mean cosine of 1/(m - 1)
    doubles it. A gradient of zero has no direction and counts as one of length zero.

    Args:
        products: shape (nets, examples, examples), at least 2 examples: the inner products of the gradients of the
            examples' own losses, of each net.

    Returns:
        Shape (nets,), float64, in [0, 1], as above for gradients of one length.

    Raises:
        SettingError: for another shape, or fewer than 2 examples.
    """
    return _mean_length(_cosines(*_checked(products)))


def mean_gradient_length(products: Tensor) -> Tensor:
    """Give the length of the mean gradient: how far a step on the batch moves the weights, at rate 1.

    Args:
        products: as above.

    Returns:
        Shape (nets,), float64, at least 0, in nats per unit of weight.

    Raises:
        SettingError: as above.

    Source:
        Gu & Tresp 2019, section 2: "the model updates itself slowly since gradients are small".
    """
    gram, _ = _checked(products)
    return _mean_length(gram)


def class_excess(products: Tensor, labels: Tensor) -> Tensor:
    """How much nearer gradients of one class lie to each other than to those of others: a difference of mean cosines.

    A gradient of zero has no direction, and its cosines are 0.

    Args:
        products: as above.
        labels: shape (nets, examples), int64: the labels that the nets were trained on.

    Returns:
        Shape (nets,), float64, in [-2, 2]; NaN where no two examples share a class, or none differ.

    Raises:
        SettingError: as above.

    Source:
        Gu & Tresp 2019, section 2: visually similar images "have the same labels, the gradients ... are consistent".
    """
    cosines = _cosines(*_checked(products))
    same = labels[:, :, None] == labels[:, None]
    others = ~torch.eye(labels.shape[1], dtype=torch.bool, device=labels.device)
    return _mean(cosines, same & others) - _mean(cosines, ~same)


def _cosines(gram: Tensor, squares: Tensor) -> Tensor:
    weights = squares.rsqrt().where(squares > 0, 0.0)
    return weights[:, :, None] * gram * weights[:, None]


def _mean(values: Tensor, counts: Tensor) -> Tensor:
    return values.where(counts, 0.0).sum((1, 2)) / counts.sum((1, 2))


def _mean_length(products: Tensor) -> Tensor:
    """The length of the mean of the vectors behind the products; rounding may leave its square below zero."""
    return products.mean((1, 2)).clamp(min=0).sqrt()


def _checked(products: Tensor) -> tuple[Tensor, Tensor]:
    """The products in float64, and the squares of the lengths."""
    if products.ndim != 3 or products.shape[1] != products.shape[2] or products.shape[1] < 2:
        raise SettingError(
            f"inner products of shape {tuple(products.shape)}: need (nets, examples, examples), at least 2 examples"
        )
    gram = products.double()
    return gram, gram.diagonal(dim1=1, dim2=2)
