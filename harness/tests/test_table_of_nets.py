"""Nets that people have: each trains as in a plain PyTorch loop, or is refused by a line."""

from __future__ import annotations

import math
import random
from typing import Any, cast

import pytest
import torch
import torchvision
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils import parametrizations, prune
from torch.utils.checkpoint import checkpoint

from memorization_claims.data.dataset import prepare
from memorization_claims.errors import SettingError
from memorization_claims.spec.recipe import Recipe
from memorization_claims.tests.plain_loop import losses, same
from memorization_claims.tests.training_samples import CPU, DIGITS, differing, spec, trained
from memorization_claims.training.trial import try_out

Shape = tuple[int, int, int]
HERE = __name__
RECIPE = Recipe(rate=0.02, batch=9, epochs=2)


def plain(shape: Shape, classes: int) -> nn.Sequential:
    """An MLP, which is batched."""
    return nn.Sequential(nn.Flatten(), nn.Linear(math.prod(shape), 13), nn.ReLU(), nn.Linear(13, classes))


class Functional(nn.Module):
    """Convolutions with functions between them, flattened by view: the net of most first tutorials."""

    def __init__(self, shape: Shape, classes: int) -> None:
        super().__init__()
        channels, height, width = shape
        self.conv = nn.Conv2d(channels, 6, 3, padding=1)
        self.hidden = nn.Linear(6 * (height // 2) * (width // 2), 20)
        self.out = nn.Linear(20, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Logits."""
        x = functional.max_pool2d(functional.relu(self.conv(x)), 2)
        x = functional.relu(self.hidden(x.view(x.size(0), -1)))
        return cast(Tensor, self.out(functional.dropout(x, 0.3, self.training)))


class Tower(nn.Module):
    """One of torchvision's nets on images of one channel."""

    def __init__(self, body: nn.Module) -> None:
        super().__init__()
        self.body = body

    def forward(self, x: Tensor) -> Tensor:
        """Logits."""
        return cast(Tensor, self.body(x.expand(-1, 3, -1, -1)))


def residual(shape: Shape, classes: int) -> nn.Module:
    """Half of ResNet-18, whose activations are passed twice each."""
    kind = torchvision.models.resnet
    return Tower(kind.ResNet(kind.BasicBlock, [1, 1, 1, 1], num_classes=classes))


def shuffled(shape: Shape, classes: int) -> nn.Module:
    """ShuffleNet, which reshapes by view."""
    return Tower(torchvision.models.shufflenet_v2_x0_5(num_classes=classes))


def transformer(shape: Shape, classes: int) -> nn.Module:
    """A vision transformer with dropout in its attention."""
    sizes: dict[str, Any] = {"num_layers": 1, "num_heads": 2, "hidden_dim": 16, "mlp_dim": 16, "num_classes": classes}
    net = torchvision.models.VisionTransformer(image_size=shape[1], patch_size=4, attention_dropout=0.1, **sizes)
    nn.init.normal_(cast(nn.Linear, net.heads.head).weight)
    return Tower(net)


class Encoder(nn.Module):
    """A transformer over rows, of which PyTorch warns."""

    def __init__(self, shape: Shape, classes: int) -> None:
        super().__init__()
        layer = nn.TransformerEncoderLayer(shape[2], 2, 16, 0.1, batch_first=True, norm_first=True)
        self.encoder, self.out = nn.TransformerEncoder(layer, 1), nn.Linear(shape[2], classes)

    def forward(self, x: Tensor) -> Tensor:
        """Logits."""
        return cast(Tensor, self.out(self.encoder(x.flatten(1, 2)).mean(1)))


class Block(nn.Module):
    """A block as ConvNeXt has them, with its path dropped and its layers scaled."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(channels, channels, 3, padding=1, groups=channels)
        self.norm, self.scale = nn.LayerNorm(channels), nn.Parameter(0.1 * torch.ones(channels))
        self.mlp = nn.Sequential(nn.Linear(channels, 4 * channels), nn.GELU(), nn.Linear(4 * channels, channels))

    def forward(self, x: Tensor) -> Tensor:
        """What comes in, and what the block adds to it."""
        added = self.scale * self.mlp(self.norm(self.depthwise(x).permute(0, 2, 3, 1)))
        if self.training:
            kept = torch.empty(x.shape[0], 1, 1, 1).bernoulli_(0.8)
            added = added * kept / 0.8
        return cast(Tensor, x + added.permute(0, 3, 1, 2))


def blocks(shape: Shape, classes: int) -> nn.Module:
    """A stem, two blocks, a squeeze and a head."""
    body = [nn.Conv2d(shape[0], 6, 2, 2), Block(6), nn.SiLU(), Block(6), nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    return nn.Sequential(*body, nn.Linear(6, classes))


class Recurrent(nn.Module):
    """An LSTM over rows, with dropout between its layers."""

    def __init__(self, shape: Shape, classes: int) -> None:
        super().__init__()
        self.body, self.out = nn.LSTM(shape[2], 9, 2, batch_first=True, dropout=0.2), nn.Linear(9, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Logits."""
        return cast(Tensor, self.out(self.body(x.flatten(1, 2))[0][:, -1]))


class Tied(nn.Module):
    """One layer three times, and a head that is its stem's transpose."""

    def __init__(self, shape: Shape, classes: int) -> None:
        super().__init__()
        self.stem, self.middle = nn.Linear(64, 12), nn.Linear(12, 12)
        self.again = self.middle
        self.head = nn.Linear(64, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Logits."""
        x = self.again(self.middle(self.stem(x.flatten(1)).tanh()).tanh()).tanh()
        return cast(Tensor, self.head(functional.linear(x, self.stem.weight.T)))


def lazy(shape: Shape, classes: int) -> nn.Module:
    """Layers that learn their shapes from what they meet."""
    return nn.Sequential(nn.LazyConv2d(4, 3), nn.LazyBatchNorm2d(), nn.ReLU(), nn.Flatten(), nn.LazyLinear(classes))


def compiled(shape: Shape, classes: int) -> nn.Module:
    """Compiled, without a compiler of C++."""
    return cast(nn.Module, torch.compile(plain(shape, classes), backend="eager"))


class Cast(nn.Module):
    """A net of another precision, between casts."""

    def __init__(self, body: nn.Module, dtype: torch.dtype) -> None:
        super().__init__()
        self.body, self.dtype = body.to(dtype), dtype

    def forward(self, x: Tensor) -> Tensor:
        """Logits, in that precision."""
        return cast(Tensor, self.body(x.to(self.dtype)))


def half(shape: Shape, classes: int) -> nn.Module:
    """float16."""
    return Cast(plain(shape, classes), torch.float16)


def brain(shape: Shape, classes: int) -> nn.Module:
    """bfloat16."""
    return Cast(plain(shape, classes), torch.bfloat16)


def double(shape: Shape, classes: int) -> nn.Module:
    """float64."""
    return Cast(plain(shape, classes), torch.float64)


class Mixed(Functional):
    """Under autocast."""

    def forward(self, x: Tensor) -> Tensor:
        """Logits, in float32."""
        with torch.autocast("cpu", torch.bfloat16):
            return super().forward(x).float()


def hooked(shape: Shape, classes: int) -> nn.Module:
    """An MLP that a hook turns into another."""
    net = plain(shape, classes)
    net[1].register_forward_hook(lambda layer, given, out: out * 0.5)
    net[3].register_forward_pre_hook(lambda layer, given: (given[0] + 1,))
    return net


def pulled(shape: Shape, classes: int) -> nn.Module:
    """An MLP whose gradients hooks clip and scale."""
    net = plain(shape, classes)
    first, _, last, _ = net.parameters()
    first.register_hook(lambda slope: slope.clamp(-1e-3, 1e-3))  # type: ignore[no-untyped-call]
    last.register_post_accumulate_grad_hook(_shrink)  # type: ignore[no-untyped-call]
    return net


def _shrink(parameter: Tensor) -> None:
    assert parameter.grad is not None
    parameter.grad.mul_(0.1)


def patched(shape: Shape, classes: int) -> nn.Module:
    """An MLP with another forward in one of its layers."""
    net = plain(shape, classes)
    net[2].forward = lambda x: x.sin()
    return net


def normed(shape: Shape, classes: int) -> nn.Module:
    """An MLP with its weights normed."""
    net = plain(shape, classes)
    net[1] = parametrizations.weight_norm(net[1])
    net[3] = parametrizations.orthogonal(net[3])
    return net


def pruned(shape: Shape, classes: int) -> nn.Module:
    """An MLP of which half is pruned."""
    net = plain(shape, classes)
    prune.l1_unstructured(net[1], "weight", amount=0.5)  # type: ignore[no-untyped-call]
    return net


class Scaled(nn.Linear):
    """A subclass of a layer that computes something else."""

    def forward(self, x: Tensor) -> Tensor:
        """Twice what the layer gives."""
        return 2 * super().forward(x)


def subclassed(shape: Shape, classes: int) -> nn.Module:
    """An MLP with it."""
    net = plain(shape, classes)
    net[1] = Scaled(64, 13)
    return net


class Remembering(nn.Linear):
    """A layer with an extra state, a tensor, which it computes with."""

    gain = torch.tensor(1.0)

    def forward(self, x: Tensor) -> Tensor:
        """Larger after each step."""
        if self.training:
            self.gain = self.gain + 0.01
        return super().forward(x) * self.gain

    def get_extra_state(self) -> Tensor:
        """The gain."""
        return self.gain

    def set_extra_state(self, state: Tensor) -> None:
        """Put it back."""
        self.gain = state


def remembering(shape: Shape, classes: int) -> nn.Module:
    """A linear model of it."""
    return nn.Sequential(nn.Flatten(), Remembering(64, classes))


def drawing(shape: Shape, classes: int) -> nn.Module:
    """Several of PyTorch's layers that draw."""
    convolution = [nn.Conv2d(shape[0], 4, 3), nn.Dropout2d(0.3), nn.RReLU(), nn.Flatten(), nn.AlphaDropout(0.1)]
    return nn.Sequential(*convolution, nn.Linear(4 * (shape[1] - 2) * (shape[2] - 2), classes))


def frozen(shape: Shape, classes: int) -> nn.Module:
    """A backbone that is not trained, and a head that is."""
    net = plain(shape, classes)
    net[1].requires_grad_(False)
    return net


class Recomputed(Functional):
    """With gradient checkpoints, so that parts of the forward are passed twice."""

    def forward(self, x: Tensor) -> Tensor:
        """Logits."""
        return checkpoint(super().forward, x, use_reentrant=False)


TRAINED = {
    "plain": plain,
    "Functional": Functional,
    "residual": residual,
    "shuffled": shuffled,
    "transformer": transformer,
    "Encoder": Encoder,
    "blocks": blocks,
    "Recurrent": Recurrent,
    "Tied": Tied,
    "lazy": lazy,
    "compiled": compiled,
    "half": half,
    "brain": brain,
    "double": double,
    "Mixed": Mixed,
    "hooked": hooked,
    "pulled": pulled,
    "patched": patched,
    "normed": normed,
    "pruned": pruned,
    "subclassed": subclassed,
    "remembering": remembering,
    "drawing": drawing,
    "frozen": frozen,
    "Recomputed": Recomputed,
}


@pytest.mark.filterwarnings("ignore:enable_nested_tensor is True:UserWarning", "ignore:The .grad attribute:UserWarning")
@pytest.mark.parametrize("name", TRAINED)
def test_it_trains_as_in_a_plain_loop(name: str) -> None:
    """Losses before, on the way and after, and accuracy on the validation set; and its trial refuses nothing."""
    run = spec(model=f"{HERE}:{name}", recipe=RECIPE)
    rounded = name in ("half", "brain", "Mixed")
    same(trained([run])[run], losses(run, TRAINED[name]), 2e-2 if rounded else 1e-3)
    try_out(run, prepare(run, DIGITS), 60, CPU)


@pytest.mark.parametrize("name", ["Functional", "blocks", "Recurrent", "drawing"])
def test_what_it_draws_is_its_own(name: str) -> None:
    """The same bits alone as in company."""
    specs = [spec(seed, model=f"{HERE}:{name}", recipe=RECIPE, nets=2) for seed in range(2)]
    together = trained(specs)
    assert all(differing(trained([run])[run], together[run]) == [] for run in specs)


class Auxiliary(Functional):
    """Gives more in training, as GoogLeNet does."""

    def forward(self, x: Tensor) -> Any:
        """Logits, twice in training."""
        out = super().forward(x)
        return (out, out) if self.training else out


class Named(Functional):
    """Gives a dictionary, as detectors and language models do."""

    def forward(self, x: Tensor) -> Any:
        """Logits by name."""
        return {"logits": super().forward(x)}


class Likely(Functional):
    """Gives the class and not the logits."""

    def forward(self, x: Tensor) -> Tensor:
        """Classes."""
        return super().forward(x).argmax(1)


class Doubtful(Functional):
    """Drops units in evaluation too."""

    def forward(self, x: Tensor) -> Tensor:
        """Logits."""
        return functional.dropout(super().forward(x), 0.5)


class Cut(Functional):
    """Lets no gradient through to its inputs."""

    def forward(self, x: Tensor) -> Tensor:
        """Logits."""
        return super().forward(x.detach())


class Forgetful(Functional):
    """Has a running mean that its state leaves out."""

    def __init__(self, shape: Shape, classes: int) -> None:
        super().__init__(shape, classes)
        self.mean: Tensor
        self.register_buffer("mean", torch.zeros(()), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Logits."""
        if self.training:
            self.mean = self.mean + 1
        return super().forward(x + self.mean)


class Lucky(Functional):
    """Draws from Python's own generator."""

    def forward(self, x: Tensor) -> Tensor:
        """Logits."""
        return super().forward(x) * (random.random() if self.training else 1)


def social(shape: Shape, classes: int) -> nn.Module:
    """Normalises by the batch in evaluation too."""
    return nn.Sequential(nn.Flatten(), nn.BatchNorm1d(64, track_running_stats=False), nn.Linear(64, classes))


def nervous(shape: Shape, classes: int) -> nn.Module:
    """Cannot take a batch of its last size."""
    net = plain(shape, classes)

    def check(layer: nn.Module, given: tuple[Tensor]) -> None:
        if layer.training and len(given[0]) != 9:
            raise ValueError("batches of 9\nalone")

    net.register_forward_pre_hook(check)
    return net


def untrained(shape: Shape, classes: int) -> nn.Module:
    """Has nothing to train."""
    return plain(shape, classes).requires_grad_(False)


def classless(shape: Shape) -> nn.Module:
    """Takes no number of classes."""
    return plain(shape, 10)


LEGAL = "legal is one tensor of logits, floating, (9, 10)"
REFUSED = {
    "Auxiliary": f"gives a tuple in training mode; {LEGAL}",
    "Named": "gives a dict in evaluation mode; legal is one tensor of logits, floating, (2, 10)",
    "Likely": "gives torch.int64 of shape (2,) in evaluation mode; legal is one tensor of logits, floating, (2, 10)",
    "Doubtful": "gives the same inputs other logits when asked again in evaluation mode; legal is a net that draws "
    "nothing there",
    "Cut": "gives logits that do not depend on its inputs by anything that can be differentiated; legal is a forward "
    "of differentiable operations, without detach or no_grad",
    "Forgetful": "has a state that is not kept, without which it gives other logits; legal are parameters and "
    "persistent buffers",
    "Lucky": "draws from Python's global generator in training, so that its runs cannot be repeated; legal is "
    "torch's, as in torch.rand, whose draws are each net's own",
    "social": "gives an example other logits in other company in evaluation mode; legal is a net that takes each "
    "example by itself, as with running statistics in batch norm",
    "nervous": "given inputs of shape (6, 1, 8, 8) in training mode, raised ValueError: batches of 9 alone "
    "(test_table_of_nets.py, line ",
    "untrained": "has no parameters that are trained; legal is one or more with requires_grad",
    "classless": "called as factory((1, 8, 8), 10), raised TypeError: classless() takes 1 positional argument but 2 "
    "were given",
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_in_a_line(name: str) -> None:
    """Before anything is trained: what was called, with what, what came back, what is legal."""
    run = spec(model=f"{HERE}:{name}", recipe=RECIPE)
    with pytest.raises(SettingError) as told:
        try_out(run, prepare(run, DIGITS), 60, CPU)
    start = f"model '{HERE}:{name}'"
    assert str(told.value).removeprefix(start).lstrip(", ").startswith(REFUSED[name])
    assert "\n" not in str(told.value)
