"""Whether the gradients of a batch's examples agree or cancel (Gu & Tresp 2019, section 2).

Where m gradients are orthogonal, the mean of a batch is 1/sqrt(m) as long as they are. Where they share a direction, a
part of that length does not shrink with the batch. The paper says in words that gradients are consistent or cancel; it
has no measure of its own.
"""

from __future__ import annotations

from torch import Tensor
from torch.linalg import vector_norm

from harness.errors import SettingError


def agreement(gradients: Tensor) -> Tensor:
    """Divide the length of the mean gradient by the mean length of the gradients.

    Args:
        gradients: shape (examples, parameters), at least 2 examples: the gradient of each example's own loss.

    Returns:
        A float64 scalar in [0, 1]: 1 where all gradients point the same way, 1/sqrt(examples) where they are orthogonal
        and equally long, 0 where they cancel; NaN where all of them are zero.

    Raises:
        SettingError: for another shape, or fewer than 2 examples.
    """
    _check(gradients)
    ratio: Tensor = vector_norm(gradients.mean(0)).double() / vector_norm(gradients, dim=1).double().mean()
    return ratio


def direction_agreement(gradients: Tensor) -> Tensor:
    """Give the length of the mean of the gradients' directions, to which a few long gradients are worth no more.

    With m examples and a mean cosine c over all pairs, its square is (1 + (m - 1) c) / m: a mean cosine of 1/(m - 1)
    doubles it. A gradient of zero has no direction and counts as one that is orthogonal to all, of length zero.

    Args:
        gradients: shape (examples, parameters), at least 2 examples: the gradient of each example's own loss.

    Returns:
        A float64 scalar in [0, 1], as above for gradients of one length.

    Raises:
        SettingError: for another shape, or fewer than 2 examples.
    """
    _check(gradients)
    lengths = vector_norm(gradients, dim=1)
    weights = lengths.reciprocal().where(lengths > 0, 0.0)
    length: Tensor = vector_norm(weights @ gradients).double() / len(gradients)
    return length


def _check(gradients: Tensor) -> None:
    if gradients.ndim != 2 or len(gradients) < 2:
        raise SettingError(
            f"gradients of shape {tuple(gradients.shape)}: need (examples, parameters), at least 2 examples"
        )
