"""Sizes of gradients that were taken through training."""

from __future__ import annotations

import torch
from torch import Tensor


def norms(gradients: Tensor) -> dict[str, Tensor]:
    """Give the size of the gradient of the whole loss in each training input.

    Args:
        gradients: (nets, recorded, terms, examples, *shape), of the terms that make up each recorded loss.

    Returns:
        l1, l2 and linf, each (nets, recorded, examples), at least 0. For d input values they obey
        linf <= l2 <= l1 <= sqrt(d) l2 <= d linf.

    Source:
        Arpit et al. 2017, section 3.2, g_x^t, and the footnote on other norms.
    """
    whole = gradients.sum(2).flatten(3)
    return {
        "l1": torch.linalg.vector_norm(whole, 1, dim=-1),
        "l2": torch.linalg.vector_norm(whole, dim=-1),
        "linf": torch.linalg.vector_norm(whole, torch.inf, dim=-1),
    }


def between_classes(gradients: Tensor, labels: Tensor) -> Tensor:
    """Average the l1 norms of the gradients of each class's loss over the training inputs of each class.

    Args:
        gradients: (nets, recorded, classes, examples, *shape): term i is the part of the loss that is summed over
            examples of class i.
        labels: (nets, examples), int64 in [0, classes), those that were trained on.

    Returns:
        (nets, recorded, classes, classes), at least 0: in row i and column j how sensitive the loss on class i is to
        training examples of class j; NaN in the column of a class without examples.

    Source:
        Arpit et al. 2017, section 3.2, g_ij, and figure 4.
    """
    sizes = torch.linalg.vector_norm(gradients.flatten(4), 1, dim=-1)
    members = torch.nn.functional.one_hot(labels, gradients.shape[2]).to(sizes.dtype)
    return torch.einsum("nkie,nej->nkij", sizes, members) / members.sum(1)[:, None, None]


def of_others(gradients: Tensor, labels: Tensor) -> Tensor:
    """Give the l1 norm of the gradient in each training input of the loss on all classes but the example's own.

    That loss is taken on no example of its class, and so depends on it through training alone.

    Args:
        gradients: (nets, recorded, classes, examples, *shape), as above.
        labels: (nets, examples), int64 in [0, classes).

    Returns:
        (nets, recorded, examples), at least 0.
    """
    others = 1 - torch.nn.functional.one_hot(labels, gradients.shape[2]).to(gradients.dtype)
    summed = torch.einsum("nkiep,nei->nkep", gradients.flatten(4), others)
    sizes: Tensor = torch.linalg.vector_norm(summed, 1, dim=-1)
    return sizes
