"""What a call costs a device: every operation that PyTorch dispatches in it is counted, on tensors of any device."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import flop_registry

IDLE = ("aten::_unsafe_view", "aten::empty", "aten::empty_like", "aten::empty_strided", "aten::new_empty")
"""Operations that launch nothing and move nothing; views are others."""


@dataclass(frozen=True)
class Work:
    """What calls cost, summed; of what they hold at a time the most."""

    flops: float = 0.0
    """Floating-point operations of products and convolutions, two for a multiplication with its addition."""
    moved: float = 0.0
    """Bytes of the tensors that operations read and write."""
    launches: float = 0.0
    """Operations: about as many kernels on a GPU."""
    peak: float = 0.0
    """Bytes that are allocated at a time, beside what was there before."""
    drawn: float = 0.0
    """Normal values that are drawn by the processor, whatever the device."""

    def __add__(self, other: Work) -> Work:
        """Both, one after the other."""
        return Work(
            flops=self.flops + other.flops,
            moved=self.moved + other.moved,
            launches=self.launches + other.launches,
            peak=max(self.peak, other.peak),
            drawn=self.drawn + other.drawn,
        )

    def __mul__(self, times: float) -> Work:
        """The same again and again."""
        return Work(self.flops * times, self.moved * times, self.launches * times, self.peak, self.drawn * times)


def work(call: Callable[[], object]) -> Work:
    """Count a call, which is made.

    Args:
        call: takes nothing; on tensors of the meta device it computes nothing.
    """
    with _Counter() as counter:
        call()
    return Work(counter.flops, counter.moved, counter.launches, counter.peak)


class _Counter(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Sees every operation, those of backward passes too."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.flops = self.moved = self.launches = 0
        self._held = self.peak = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        aliases = [each.alias_info for each in func._schema.returns]
        if any(each is not None and not each.is_write for each in aliases):
            return out  # a view
        if formula := flop_registry.get(func._overloadpacket):
            self.flops += formula(*args, **(kwargs or {}), out_val=out)
        written = [each for each in tree_leaves(out) if isinstance(each, Tensor)]
        if func._schema.name not in IDLE:
            read = [each for each in tree_leaves((args, kwargs)) if isinstance(each, Tensor)]
            self.moved += sum(each.numel() * each.element_size() for each in (*written, *read))
            self.launches += 1
        if func._schema.name != "aten::_unsafe_view" and all(each is None for each in aliases):
            for each in written:
                self._hold(each.untyped_storage())
        return out

    def _hold(self, storage: torch.UntypedStorage) -> None:
        size = storage.nbytes()
        self._held += size
        self.peak = max(self.peak, self._held)
        weakref.finalize(storage, self._drop, size)

    def _drop(self, size: int) -> None:
        self._held -= size
