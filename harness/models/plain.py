"""Whether a network computes by its layers' classes and parameters alone, so that others may compute it instead."""

from __future__ import annotations

from torch import nn
from torch.nn.modules import module as torch_module

_HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")


def is_plain(layer: nn.Module) -> bool:
    """Whether nothing but a layer's class and parameters decides what it gives and how it learns.

    Hooks on it or on its parameters do (so that pruning, spectral norm and the older weight norm do), and so does a
    `forward` of its own. A parametrized layer is of another class.
    """
    if any(getattr(layer, name) for name in _HOOKS) or "forward" in vars(layer):
        return False
    own = layer.parameters(recurse=False)
    return not any(parameter._backward_hooks or parameter._post_accumulate_grad_hooks for parameter in own)


def all_plain(model: nn.Module) -> bool:
    """Whether that holds of a network and all its layers, and no hook is on all modules there are."""
    return not torch_module._has_any_global_hook() and all(map(is_plain, model.modules()))  # type: ignore[no-untyped-call]


def is_torchs_own(model: nn.Module) -> bool:
    """Whether a network consists of PyTorch's layers and this package's alone: no forward of a user's is called."""
    known = ("torch.nn.modules.", "memorization_claims.models.")
    return all_plain(model) and all(type(layer).__module__.startswith(known) for layer in model.modules())
