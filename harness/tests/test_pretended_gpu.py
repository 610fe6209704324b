"""The pretended GPU refuses what CUDA refuses, lets pass what CUDA lets pass, and counts what it says."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, one_hot

from memorization_claims.tests.ledger import Ledger
from memorization_claims.tests.pretended_gpu import CPU, GPU, DeviceError, pretended

HERE, THERE = torch.ones(4, 3), "cuda"


@pytest.fixture(autouse=True)
def ledger() -> Iterator[Ledger]:
    """Every test has a pretended GPU of its own."""
    with pretended() as counted:
        yield counted


def _gpu(*shape: int) -> Tensor:
    return torch.ones(shape, device=THERE)


def _in_a_backward() -> None:
    class Wrong(torch.autograd.Function):
        @staticmethod
        def forward(values: Tensor) -> Tensor:
            return values.clone()

        @staticmethod
        def setup_context(ctx: object, inputs: object, output: object) -> None:
            pass

        @staticmethod
        def backward(ctx: object, slope: Tensor) -> Tensor:
            return slope + torch.ones(3)

    Wrong.apply(_gpu(3).requires_grad_()).sum().backward()


def _under_vmap_and_grad() -> None:
    torch.func.vmap(torch.func.grad(lambda values: (values * torch.ones(3)).sum()))(_gpu(2, 3))


def _of_a_gradient() -> None:
    weight = _gpu(3, 2).requires_grad_()
    (slope,) = torch.autograd.grad((_gpu(4, 3) @ weight).relu().sum(), weight)
    slope += torch.ones(3, 2)


def _of_a_module() -> None:
    nn.Linear(3, 2).to(THERE)(HERE)


def _into_the_cpu() -> None:
    torch.zeros(()).add_(_gpu())


MISTAKES: dict[str, Callable[[], object]] = {
    "arithmetic with what was made without a device": lambda: _gpu(4, 3) + torch.arange(3),
    "a product with a matrix on the CPU": lambda: _gpu(4, 3) @ torch.ones(3, 2),
    "a number on the device beside values on the CPU": lambda: torch.ones(3) * _gpu(),
    "the device's values added to a number on the CPU, in place": _into_the_cpu,
    "a batch on the CPU given to a net on the device": _of_a_module,
    "labels on the CPU": lambda: cross_entropy(_gpu(4, 3), torch.zeros(4, dtype=torch.int64)),
    "a mask made on the CPU": lambda: torch.where(torch.ones(3, dtype=torch.bool), _gpu(3), _gpu(3)),
    "an index on the device into values on the CPU": lambda: HERE[torch.tensor([0, 1], device=THERE)],
    "values on the CPU put at an index": lambda: _gpu(4).index_put_((torch.tensor([0, 1]),), torch.ones(2)),
    "an index on the CPU that is gathered by": lambda: _gpu(4, 3).gather(1, torch.zeros(4, 1, dtype=torch.int64)),
    "a selection by an index on the CPU": lambda: _gpu(4).index_select(0, torch.tensor([1])),
    "a selection by one number on the CPU": lambda: _gpu(4).index_select(0, torch.tensor(1)),
    "tensors of both devices stacked": lambda: torch.stack([_gpu(3), torch.ones(3)]),
    "NumPy's view": lambda: _gpu(3).numpy(),
    "NumPy's view, asked for by NumPy": lambda: np.asarray(_gpu(3)),
    "a draw on the device from a generator of the CPU": lambda: torch.randn(
        3, device=THERE, generator=torch.Generator()
    ),
    "a draw on the CPU from a generator of the device": lambda: torch.randn(3, generator=torch.Generator(THERE)),
    "a draw in place from a generator of the CPU": lambda: _gpu(3).normal_(generator=torch.Generator()),
    "an order drawn on the CPU from a generator of the device": lambda: torch.randperm(
        3, generator=torch.Generator(THERE)
    ),
    "memory of the device pinned": lambda: _gpu(3).pin_memory(),
    "a backward pass that mixes devices": _in_a_backward,
    "a gradient to which values on the CPU are added": _of_a_gradient,
    "values on the CPU under vmap and grad": _under_vmap_and_grad,
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_are_refused(mistake: str) -> None:
    """Each is one that CUDA raises for, and passes on a CPU."""
    with pytest.raises(DeviceError):
        MISTAKES[mistake]()


@pytest.mark.parametrize("mistake", MISTAKES)
def test_no_mistake_is_one_on_the_cpu(mistake: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where everything is on the CPU, the same lines pass: nothing but the device is refused."""
    monkeypatch.setattr(f"{__name__}.THERE", "cpu")
    if mistake == "memory of the device pinned":
        pytest.skip("without a GPU there is none to pin for")
    MISTAKES[mistake]()


def test_messages_say_what_met_where() -> None:
    """The operation, each tensor's device and shape, and the line."""
    with pytest.raises(DeviceError, match=r"aten::add was given cuda:0 \(4, 3\), cpu \(3,\) at harness/tests/test_pre"):
        MISTAKES["arithmetic with what was made without a device"]()


def _numbers() -> Tensor:
    return (_gpu(3) * torch.tensor(2.0) + torch.tensor(1.0)).lerp(_gpu(3), 0.5).clamp(torch.tensor(0.0))


def _under_vmap() -> Tensor:
    gradient: Callable[[Tensor], Tensor] = torch.func.vmap(torch.func.grad(lambda values: (values.sin() ** 2).sum()))
    return gradient(_gpu(2, 3))


def _net() -> Tensor:
    net = nn.Sequential(
        nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(8, 3)
    )
    optimizer = torch.optim.Adam(net.to(THERE).parameters())
    cross_entropy(net(_gpu(5, 1, 6, 6)), torch.zeros(5, dtype=torch.int64).to(THERE)).backward()  # type: ignore[no-untyped-call]
    optimizer.step()
    logits: Tensor = net.eval()(_gpu(5, 1, 6, 6))
    return logits


def _filled() -> Tensor:
    values = _gpu(4, 3)
    values[0], values[1, 1] = torch.tensor(3.0), 2.0
    return values.masked_fill(values > 1, torch.tensor(0.0))


ON_THE_DEVICE: dict[str, Callable[[], Tensor]] = {
    "arithmetic with numbers on the CPU": _numbers,
    "a net in training and in evaluation": _net,
    "gradients under vmap": _under_vmap,
    "filling with numbers on the CPU": _filled,
    "a draw from a generator of the device": lambda: torch.randn(
        3, device=THERE, generator=torch.Generator(THERE).manual_seed(0)
    ),
    "an index on the CPU": lambda: _gpu(4, 3)[torch.tensor([0, 2])],
    "what a function makes for itself": lambda: one_hot(torch.tensor([0, 1], device=THERE), 3),
    "new values like others": lambda: _gpu(3).new_zeros(2) + torch.zeros_like(_gpu(2)) + _gpu(3).new_tensor([1.0, 2.0]),
    "a parameter copied deeply": lambda: copy.deepcopy(nn.Parameter(_gpu(3))),
    "a tensor copied deeply": lambda: copy.deepcopy(_gpu(3)),
    "a move to where another is": lambda: HERE.to(_gpu(1)),
    "a move with a type": lambda: HERE.to(THERE, torch.float64),
    "a move of what is pinned": lambda: HERE.pin_memory().to(THERE, non_blocking=True),
    "a view": lambda: _gpu(4, 3).T[1:].flatten(),
    "an array brought there": lambda: torch.as_tensor(np.ones(3), device=THERE),
    "a copy into what is there": lambda: _gpu(4, 3).copy_(HERE),
}
ON_THE_CPU: dict[str, Callable[[], Tensor]] = {
    "a draw from a generator of the CPU": lambda: torch.randn(3, generator=torch.Generator().manual_seed(0)),
    "what was on the device": lambda: (_gpu(3) + 1).cpu() + torch.ones(3),
    "a copy out of the device": lambda: torch.zeros(3).copy_(_gpu(3)),
    "an array of what was on the device": lambda: torch.from_numpy(_gpu(3).cpu().numpy()),
    "arithmetic": lambda: HERE * 2,
}


@pytest.mark.parametrize("legal", ON_THE_DEVICE)
def test_what_is_legal_on_the_device_passes(legal: str) -> None:
    """And says that it is there."""
    made = ON_THE_DEVICE[legal]()
    assert (made.device, made.is_cuda, made.is_cpu, made.get_device()) == (GPU, True, False, 0)


@pytest.mark.parametrize("legal", ON_THE_CPU)
def test_what_is_legal_on_the_cpu_passes(legal: str) -> None:
    """And says that it is there."""
    made = ON_THE_CPU[legal]()
    assert (made.device, made.is_cuda, made.is_cpu, made.get_device()) == (CPU, False, True, -1)


def test_numbers_are_those_of_the_cpu() -> None:
    """To the bit."""
    weight = torch.randn(3, 2, generator=torch.Generator().manual_seed(0))
    assert torch.equal((HERE.to(THERE) @ weight.to(THERE)).cpu(), HERE @ weight)


COUNTED: dict[str, tuple[Callable[[Tensor], object], int, int, int]] = {
    "an operation": (lambda x: x + 1, 1, 0, 0),
    "a view": (lambda x: x.T[1:].unsqueeze(0), 0, 0, 0),
    "an operation on a list": (lambda x: torch._foreach_add_([x, x.clone()], 1.0), 2, 0, 0),
    "a number": (lambda x: x[0, 0].item(), 1, 1, 0),
    "a list": (lambda x: x.tolist(), 0, 1, 0),
    "a truth": (lambda x: bool(x[0, 0]), 1, 1, 0),
    "a comparison that is asked": (lambda x: x.sum() > 0 and None, 3, 1, 0),
    "indices": (lambda x: x.nonzero(), 1, 1, 0),
    "values by a mask": (lambda x: x[x > 0], 2, 1, 0),
    "values filled by a mask": (lambda x: x.masked_fill_(x > 0, 1.0), 2, 0, 0),
    "a copy to the CPU": (lambda x: x.cpu(), 0, 1, 0),
    "a copy to the CPU that is not waited for": (lambda x: x.to("cpu", non_blocking=True), 0, 0, 0),
    "an array": (lambda x: x.cpu().numpy(), 0, 1, 0),
    "waiting": (lambda x: torch.cuda.synchronize(), 0, 1, 0),
    "a copy to the device": (lambda x: HERE.to(THERE), 0, 0, 1),
    "numbers brought there": (lambda x: torch.tensor([1.0, 2.0], device=THERE), 0, 0, 1),
    "an index on the CPU": (lambda x: x[torch.tensor([0])], 1, 0, 1),
    "a move to where it is": (lambda x: x.to(THERE), 0, 0, 0),
    "something on the CPU": (lambda x: HERE.sum().item(), 0, 0, 0),
}


@pytest.mark.parametrize("what", COUNTED)
def test_launches_waits_and_copies_are_counted(what: str, ledger: Ledger) -> None:
    """Each on the line of the test that caused it."""
    values = _gpu(4, 3)
    before = ledger.launches
    function, launches, waits, copies = COUNTED[what]
    function(values)
    found = (ledger.launches - before, ledger.total("wait"), ledger.total("copy"))
    assert found == (launches, waits, copies)
    assert {event.line.partition(":")[0] for event in ledger.events} <= {"harness/tests/test_pretended_gpu.py"}


def test_bytes_are_counted(ledger: Ledger) -> None:
    """Those of a copy, and those that an operation reads and writes."""
    values = HERE.to(THERE)
    values.double().cpu()
    assert sorted(ledger.copied.values()) == [12 * 4, 12 * 8]
    before = ledger.moved
    values.neg()
    assert ledger.moved - before == 2 * 12 * 4


def test_operations_without_a_fixed_order_are_noted(ledger: Ledger) -> None:
    """Where sums of many values meet at one place."""
    values, index = _gpu(4), torch.zeros(4, dtype=torch.int64, device=THERE)
    values.scatter_add_(0, index, _gpu(4))
    values.index_put_((index,), _gpu(4), accumulate=True)
    values.index_put_((index,), _gpu(4))
    assert sorted(event.what for event in ledger.events if event.kind == "loose") == ["index_put_", "scatter_add_"]


def test_nothing_is_pretended_afterwards() -> None:
    """A new device knows nothing of the old one, and without any there is none."""
    made = _gpu(3)
    with pretended():
        assert made.device == CPU
    assert made.device == GPU
