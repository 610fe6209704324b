"""What a pretended GPU counts: kernels launched, and by line of the project waits, copies and loose operations."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple

import torch
from torch import Tensor
from torch.utils._pytree import tree_leaves

from memorization_claims.tests.toy_project import ROOT

Kind = Literal["wait", "copy", "loose"]
"""The host waits for the device; something is copied to it; an operation whose order of sums CUDA leaves open."""

WAITS = {
    "_local_scalar_dense",
    "_linalg_eigh",
    "_linalg_svd",
    "_unique2",
    "bincount",
    "equal",
    "linalg_cholesky_ex",
    "masked_select",
    "multinomial",
    "nonzero",
    "repeat_interleave",
    "unique_consecutive",
    "unique_dim",
}
"""Operations after which the host waits: for a number, for the size of the result, or for whether it went well."""
LOOSE = {
    "_adaptive_avg_pool2d_backward",
    "adaptive_max_pool2d_backward",
    "avg_pool3d_backward",
    "bincount",
    "cumsum",
    "embedding_dense_backward",
    "histc",
    "index_add",
    "index_add_",
    "index_copy_",
    "max_pool3d_with_indices_backward",
    "put_",
    "scatter_add",
    "scatter_add_",
    "scatter_reduce",
    "upsample_bilinear2d_backward",
}
"""What `torch.use_deterministic_algorithms` names as of no fixed order on CUDA, or of one only where it is on.

Where no two values meet at one place, results are fixed all the same."""
FREE = {
    "_reshape_alias",
    "_unsafe_view",
    "alias",
    "detach",
    "empty",
    "empty_like",
    "empty_strided",
    "is_same_size",
    "lift_fresh",
    "new_empty",
    "new_empty_strided",
    "resize_",
    "set_",
}
"""What launches nothing, besides views."""


class Event(NamedTuple):
    """What happened, and on which line of the project: a path from its root and a number."""

    kind: Kind
    what: str
    line: str


@dataclass(eq=False)
class Ledger:
    """Counts of one pretended GPU. An operation counts as one launch: a lower bound, since CUDA may need several."""

    launches: int = 0
    moved: int = 0
    """Bytes of the tensors that launched operations were given and gave."""
    operations: Counter[str] = field(default_factory=Counter)
    """By name in ATen, without the overload."""
    events: Counter[Event] = field(default_factory=Counter)
    copied: Counter[Event] = field(default_factory=Counter)
    """Bytes that went from host to device or back."""

    def note(self, kind: Kind, what: str, size: int = 0) -> None:
        """Write down an event on the innermost line of the project; `size` in bytes."""
        event = Event(kind, what, where())
        self.events[event] += 1
        self.copied[event] += size

    def count(
        self,
        operation: Any,
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        given: Sequence[Tensor],
        found: Sequence[Tensor],
    ) -> None:
        """Write down an operation on the device.

        Args:
            operation: an overload of ATen's.
            args: its positional arguments.
            kwargs: the others.
            given: the tensors among all of them.
            found: those that it returned.
        """
        name = name_of(operation)
        self.operations[name] += 1
        if name in WAITS or _by_mask(name, args):
            self.note("wait", name)
        summed = name.startswith("index_put") and True in (*args[3:4], kwargs.get("accumulate"))
        if name in LOOSE or summed or (name == "nll_loss2d_forward" and args[3]):
            self.note("loose", name)
        if name not in FREE and not operation.is_view:
            self.launches += 1
            self.moved += sum(map(size_of, (*given, *found)))

    def total(self, kind: Kind) -> int:
        """How many events of a kind there were, on all lines."""
        return sum(times for event, times in self.events.items() if event.kind == kind)

    def as_json(self) -> dict[str, Any]:
        """All of it, the most frequent first."""
        return {
            "launches": self.launches,
            "moved": self.moved,
            "events": [
                {**event._asdict(), "times": times, "bytes": self.copied[event]}
                for event, times in self.events.most_common()
            ],
            "operations": dict(self.operations.most_common()),
        }


def name_of(operation: Any) -> str:
    """The name of an overload of ATen's, without the overload."""
    name: str = operation._schema.name
    return name.removeprefix("aten::")


def size_of(tensor: Tensor) -> int:
    """Bytes of a tensor's values."""
    return tensor.numel() * tensor.element_size()


def where() -> str:
    """The innermost line of the project on the stack, tests included, but for what pretends."""
    frame: Any = sys._getframe(1)
    while frame:
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(ROOT) and ".venv" not in path.parts and path.name not in PRETENDING:
            return f"{path.relative_to(ROOT)}:{frame.f_lineno}"
        frame = frame.f_back
    return "elsewhere"


PRETENDING = {"ledger.py", "pretended_gpu.py"}


def _by_mask(name: str, args: Sequence[Any]) -> bool:
    """Whether an indexed operation counts the true values of a mask; one value is filled in without counting."""
    if name == "index":
        return _masks(args[1])
    return name in ("index_put_", "index_put", "_index_put_impl_") and args[2].numel() > 1 and _masks(args[1])


def _masks(indices: Any) -> bool:
    return any(isinstance(each, Tensor) and each.dtype in (torch.bool, torch.uint8) for each in tree_leaves(indices))
