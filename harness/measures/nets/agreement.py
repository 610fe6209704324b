"""Whether the gradients of a batch's examples agree or cancel (Gu & Tresp 2019, section 2).

Where m gradients are orthogonal, the mean of a batch is 1/sqrt(m) as long as they are. Where they share a direction, a
part of that length does not shrink with the batch. The paper says in words that gradients are consistent or cancel; it
has no measure of its own.
"""

from __future__ import annotations

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
    gram, squares = _checked(products)
    weights = squares.rsqrt().where(squares > 0, 0.0)
    return _mean_length(weights[:, :, None] * gram * weights[:, None])


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
