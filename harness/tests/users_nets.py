"""Nets that people have, which train as in a plain loop."""

from __future__ import annotations

import math
from typing import Any, cast

import torch
import torchvision
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils import parametrizations, prune
from torch.utils.checkpoint import checkpoint

Shape = tuple[int, int, int]


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
"""Those that train as in a plain loop, by their names here."""
