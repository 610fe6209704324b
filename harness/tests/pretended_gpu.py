"""A pretended GPU: numbers on the CPU, tensors that say they are on cuda:0, and errors where CUDA would raise them.

Each storage is on the device or not. Above autograd a mode answers what Python asks of tensors, carries out moves, and
refuses NumPy's view of a device's tensor and a generator of the other device. Below autograd, in the backward pass and
under torch.func too, another sees every operation, refuses what mixes devices, passes on where storages are, and
counts. Torch's FakeTensorMode would not do: without a driver its tensors of CUDA have no gradients, and a verdict needs
numbers.

It cannot see CUDA's rounding, its order of sums, its warnings, its memory or its speed, nor what C++ asks of a device.

As a plugin every test of a session has it, and `--device cuda` is legal:

    pytest claims/ -m fullscale -p memorization_claims.tests.pretended_gpu --device cuda

There PRETENDED_GPU_LEDGER names a file that the session's counts are written to, as JSON.
"""

from __future__ import annotations

import json
import os
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import torch
from torch import Tensor
from torch._C import _functorch
from torch.multiprocessing.reductions import StorageWeakRef
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode, _disable_current_modes
from torch.utils._pytree import tree_leaves

from memorization_claims.session import devices
from memorization_claims.tests.ledger import Ledger, name_of, size_of, where

GPU, CPU = torch.device("cuda", 0), torch.device("cpu")
MOVES = ("to", "cpu", "cuda", "type_as", "as_tensor")
_run_backward = torch.autograd._engine_run_backward  # type: ignore[attr-defined]
_generators: type[torch.Generator] = torch.Generator
INDEXED = ("index", "_unsafe_index", "index_put", "index_put_", "_index_put_impl_")


class DeviceError(RuntimeError):
    """What CUDA would refuse."""


class PretendedGenerator(torch.Generator):
    """A generator of the CPU that says the device it was asked for."""

    def __new__(cls, device: Any = CPU) -> PretendedGenerator:
        """The device decides nothing but what it says."""
        made: PretendedGenerator = super().__new__(cls, CPU)  # type: ignore[call-arg]
        made.says = GPU if torch.device(device).type == "cuda" else CPU
        return made

    says: torch.device

    def __init__(self, device: Any = CPU) -> None:
        pass

    @property
    def device(self) -> torch.device:  # type: ignore[override]
        """Where it says it is."""
        return self.says


class _Places:
    """Which storages are on the device; weak references keep their addresses from being used again."""

    def __init__(self) -> None:
        self._known: dict[int, StorageWeakRef] = {}
        self._most = 10_000

    def has(self, tensor: Tensor) -> bool:
        return self.storage(tensor)._cdata in self._known

    def put(self, tensor: Tensor, there: bool) -> None:
        storage = self.storage(tensor)
        if not there:
            self._known.pop(storage._cdata, None)
            return
        self._known[storage._cdata] = StorageWeakRef(storage)  # type: ignore[no-untyped-call]
        if len(self._known) > self._most:
            self._known = {
                address: known
                for address, known in self._known.items()
                if not known.expired()  # type: ignore[no-untyped-call]
            }
            self._most = 2 * len(self._known) + 10_000

    @staticmethod
    def storage(tensor: Tensor) -> Any:
        while _functorch.is_functorch_wrapped_tensor(tensor):
            tensor = _functorch.get_unwrapped(tensor)
        with torch._C.DisableTorchFunction():
            return tensor.untyped_storage()


def _tensors(values: Any) -> list[Tensor]:
    return [leaf for leaf in tree_leaves(values) if isinstance(leaf, Tensor)]


class _Below(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Every operation of ATen's, after autograd and torch.func."""

    def __init__(self, places: _Places, ledger: Ledger) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._places, self._ledger = places, ledger
        self.within = False
        """Within a function that was given a tensor on the device: what C++ makes for it is there too."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        given = _tensors((args, kwargs))
        there = [self._places.has(tensor) for tensor in given]
        if any(there) and not all(there):
            self._check(func, args, given, there)
        kwargs = kwargs or {}
        out = func(*args, **kwargs)
        known = {self._places.storage(tensor)._cdata for tensor in given}
        found = _tensors(out)
        for tensor in found:
            if self._places.storage(tensor)._cdata not in known:
                self._places.put(tensor, any(there) or (self.within and not given))
        if any(there):
            self._ledger.count(func, args, kwargs, given, found)
        return out

    def _check(self, func: Any, args: Sequence[Any], given: list[Tensor], there: list[bool]) -> None:
        """Let pass what CUDA lets pass of tensors on both devices."""
        name, strays = name_of(func), [own for own, on in zip(given, there, strict=True) if not on]
        if name == "copy_":
            into = self._places.has(args[0])
            self._ledger.note("copy" if into else "wait", "copy_", size_of(args[1]))
            return
        if name in INDEXED:
            valued = _tensors((args[0], args[2:3]))
            if self._places.has(args[0]) and all(self._places.has(own) or not own.dim() for own in valued):
                self._ledger.note("copy", "an index on the CPU", sum(map(size_of, strays)))
                return
        numbers = torch.Tag.pointwise in func.tags or name in ("fill_", "masked_fill", "masked_fill_")
        changed = isinstance(args[0], Tensor) and func._schema.is_mutable and not self._places.has(args[0])
        if numbers and not changed and all(own.dim() == 0 for own in strays):
            return
        shown = ", ".join(f"{GPU if on else CPU} {tuple(own.shape)}" for own, on in zip(given, there, strict=True))
        raise DeviceError(f"expected all tensors on one device; aten::{name} was given {shown} at {where()}")


class _Above(TorchFunctionMode):
    """What Python asks of tensors, before autograd."""

    def __init__(self, places: _Places, ledger: Ledger, below: _Below) -> None:
        super().__init__()
        self._places, self._ledger, self._below = places, ledger, below

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs, name = dict(kwargs or {}), getattr(func, "__name__", "")
        first = args[0] if args and isinstance(args[0], Tensor) else None
        if name == "__get__" and first is not None:
            there = {torch.Tensor.is_cuda: True, torch.Tensor.is_cpu: False}.get(func.__self__)
            if there is not None:
                return self._places.has(first) is there
            return self._device(first) if func.__self__ is torch.Tensor.device else func(*args, **kwargs)
        if name == "get_device" and first is not None:
            return 0 if self._places.has(first) else -1
        if name == "pin_memory" and first is not None:
            return self._pinned(first)
        if name in MOVES and first is not None:
            return self._moved(name, first, args[1:], kwargs)
        if first is not None and self._places.has(first) and (answer := self._asked(name, func, args, kwargs)):
            return answer[0]
        self._check_generator(name, first, kwargs)
        if kwargs.get("device") is not None:
            return self._made(name, func, args, kwargs)
        return self._within(func, args, kwargs)

    def backward(self, *args: Any, **kwargs: Any) -> Any:
        """Autograd's backward pass, in which Python may ask again: torch is within a function of its own there."""
        with nullcontext() if torch._C._len_torch_function_stack() else self:
            return self._within(_run_backward, args, kwargs)

    def _within(self, func: Any, args: Any, kwargs: Any) -> Any:
        before, self._below.within = self._below.within, any(map(self._places.has, _tensors((args, kwargs))))
        try:
            return func(*args, **kwargs)
        finally:
            self._below.within = before

    def _device(self, tensor: Tensor) -> torch.device:
        return GPU if self._places.has(tensor) else CPU

    def _pinned(self, tensor: Tensor) -> Tensor:
        if self._places.has(tensor):
            raise DeviceError(f"only tensors of the CPU can be pinned, and this one is on {GPU} at {where()}")
        return tensor.clone()

    def _asked(self, name: str, func: Any, args: Any, kwargs: Any) -> tuple[Any] | None:
        """The answer of a tensor on the device to a question that is no operation, as a tuple; None for any other."""
        if name in ("numpy", "__array__"):
            raise DeviceError(f"can't convert {GPU} device type tensor to numpy at {where()}; use Tensor.cpu() first")
        if name == "tolist":
            self._ledger.note("wait", name, size_of(args[0]))
            return (func(*args, **kwargs),)
        if name in ("__deepcopy__", "new_tensor") and "device" not in kwargs:
            with _disable_current_modes():
                made = func(*args, **kwargs)
            self._places.put(made, True)
            if name == "new_tensor":
                self._ledger.note("copy", name, size_of(made))
            return (made,)
        return None

    def _made(self, name: str, func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
        """What is made on a device that is named."""
        there = torch.device(kwargs["device"]).type == "cuda"
        made = func(*args, **(kwargs | {"device": CPU}))
        for tensor in _tensors(made):
            self._places.put(tensor, there)
            if there and name in ("tensor", "as_tensor", "new_tensor"):
                self._ledger.note("copy", name, size_of(tensor))
        return made

    def _moved(self, name: str, tensor: Tensor, args: Sequence[Any], kwargs: dict[str, Any]) -> Tensor:
        """The tensor on the device, and with the type and the layout, that are asked for."""
        asked = dict(kwargs)
        other = asked.pop("other", None)
        device: Any = {"cpu": CPU, "cuda": GPU}.get(name, asked.pop("device", None))
        for value in args:
            if isinstance(value, Tensor):
                other = value
            elif isinstance(value, torch.dtype):
                asked["dtype"] = value
            elif isinstance(value, torch.device | str) or type(value) is int:
                device = value
        if other is not None:
            device, asked["dtype"] = self._device(other), other.dtype
        before = self._places.has(tensor)
        after = before if device is None else torch.device(device).type == "cuda"
        blocking = not asked.pop("non_blocking", False)
        asked = {key: value for key, value in asked.items() if value is not None}
        asked.setdefault("dtype", tensor.dtype)
        if before == after:
            return torch.Tensor.to(tensor, **asked)
        if after or blocking:
            self._ledger.note("copy" if after else "wait", name, size_of(tensor))
        with _disable_current_modes():
            made = torch.Tensor.to(tensor, **(asked | {"copy": True}))
        self._places.put(made, after)
        return made

    def _check_generator(self, name: str, first: Tensor | None, kwargs: dict[str, Any]) -> None:
        generator = kwargs.get("generator")
        if not isinstance(generator, _generators):
            return
        named = kwargs.get("device")
        wanted = (
            torch.device(named).type if named is not None else self._device(first).type if first is not None else "cpu"
        )
        if generator.device.type != wanted:
            found = generator.device.type
            raise DeviceError(f"expected a {wanted!r} generator and found one of {found!r} in {name} at {where()}")


@contextmanager
def pretended(ledger: Ledger | None = None) -> Iterator[Ledger]:
    """A pretended GPU for as long as this lasts, and what is counted on it."""
    places, ledger = _Places(), ledger or Ledger()
    instead = {
        "torch.Generator": PretendedGenerator,
        "torch.cuda.is_available": lambda: True,
        "torch.cuda.device_count": lambda: 1,
        "torch.cuda.get_device_name": lambda device=None: "pretended GPU",
        "torch.cuda.get_rng_state": lambda device=None: torch.zeros(16, dtype=torch.uint8),
        "torch.cuda.set_rng_state": lambda state, device=None: None,
        "torch.cuda.is_bf16_supported": lambda including_emulation=True: True,
        "torch.cuda.synchronize": lambda device=None: ledger.note("wait", "synchronize"),
        # It has no compiler: what was traced is called as it is.
        "memorization_claims.training.compiled.BACKEND": None,
        "torch.cuda.is_current_stream_capturing": lambda: False,
        # Optimizers ask the driver whether a graph is being captured.
        "torch.optim.Optimizer._accelerator_graph_capture_health_check": lambda self: None,
    }
    with ExitStack() as stack:
        below = stack.enter_context(_Below(places, ledger))
        above = stack.enter_context(_Above(places, ledger, below))
        for target, value in (instead | {"torch.autograd._engine_run_backward": above.backward}).items():
            stack.enter_context(mock.patch(target, value))
        yield ledger


@pytest.hookimpl(tryfirst=True)
def pytest_configure() -> None:
    """Let there be one GPU in this session, before the device is chosen."""
    devices.gpus_installed = lambda: 1  # type: ignore[assignment]
    os.environ.pop(devices.VISIBLE, None)


@pytest.hookimpl(wrapper=True)
def pytest_cmdline_main() -> Generator[None, object, object]:
    """Have the whole session on it, in workers too."""
    with pretended() as ledger:
        result = yield
    if path := os.environ.get("PRETENDED_GPU_LEDGER"):
        Path(path).write_text(json.dumps(ledger.as_json(), indent=1), encoding="utf-8")
    return result
