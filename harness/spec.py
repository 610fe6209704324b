"""What one training run is, one fit or one generator: a frozen dataclass of plain values, whose JSON is its name."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, field, fields
from numbers import Real
from typing import Any, Literal, get_args

from harness.errors import SettingError

CorruptionKind = Literal[
    "none",
    "random-labels",
    "permuted-labels",
    "unique-labels",
    "binary-labels",
    "gaussian-inputs",
    "random-pixels",
    "shuffled-pixels",
]
NEW_CLASSES = ("unique-labels", "binary-labels")
"""Corruptions whose labels are not those of the data: they touch every example, and accuracy on real labels is void."""
OPTIMIZERS = ("sgd", "adam")
Preprocessing = Literal["standardize", "whiten"]
Features = Literal["pixels", "gabor", "convolutional"]
ExtraPoints = Literal["none", "true", "random"]
Centres = Literal["data", "random"]
GeneratorKind = Literal["pca", "dcgan"]

_NUMBERS = {"bool": (bool, "True or False"), "int": (int, "a whole number"), "float": (float, "a finite number")}


def _settle(spec: Any) -> None:
    """Give each number the type that its field declares: 1 and 1.0 are equal, but their JSON is not."""
    for each in fields(spec):
        declared, _, optional = str(each.type).partition(" | ")
        value = getattr(spec, each.name)
        if declared not in _NUMBERS or (optional and value is None):
            continue
        kind, legal = _NUMBERS[declared]
        if not isinstance(value, Real) or not math.isfinite(value) or kind(value) != value:
            raise SettingError(f"{each.name} is {value!r}; legal is {legal}{' or None' if optional else ''}")
        object.__setattr__(spec, each.name, kind(value or 0))  # -0.0 equals 0, but its JSON does not


def _legal(name: str, value: str, legal: Any) -> None:
    if value not in get_args(legal):
        raise SettingError(f"{name} is {value!r}; legal are {', '.join(get_args(legal))}")


def _within(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise SettingError(f"{name} is {value}; legal is {low} to {high}")


@dataclass(frozen=True, kw_only=True)
class Corruption:
    """How the training set departs from the real one; the validation set never does."""

    kind: CorruptionKind = "none"
    """random-labels: redrawn uniformly over all classes, so a label may keep its value (Zhang 2017, section 2.1).
    permuted-labels: exchanged at random among the examples touched, so that every class keeps its size.
    unique-labels: every example a class of its own (Arpit 2017, section 3.2). binary-labels: one of two classes by a
    fair coin (Zhang 2017, equation 1). gaussian-inputs: pixels from a normal
    distribution with the data's mean and variance. random-pixels: each image's pixels in an order of its own.
    shuffled-pixels: all images' pixels in one other order."""
    fraction: float = 1.0
    """The share of training examples that it touches, 0 to 1; those of a lower fraction are among those of a higher."""

    def __post_init__(self) -> None:
        _settle(self)
        _legal("the kind of corruption", self.kind, CorruptionKind)
        _within("the fraction of corrupted examples", self.fraction, 0.0, 1.0)
        if self.kind in NEW_CLASSES and self.fraction != 1.0:
            raise SettingError(f"{self.kind} touch every example; the fraction is {self.fraction}, legal is 1.0")


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How a net is trained. Nothing regularises unless it says so."""

    rate: float
    """Learning rate at the first epoch, at least 0."""
    batch: int
    """Examples a step; the last batch of an epoch may be smaller."""
    epochs: int
    """The budget."""
    stop_accuracy: float | None = None
    """Stop at the first evaluation after a whole epoch whose training accuracy reaches this; None trains to the end of
    the budget."""
    optimizer: str = "sgd"
    """sgd with `momentum`, adam with betas 0.9 and 0.999, or `package.module:factory`: see
    `harness.training.optimizer`."""
    momentum: float = 0.9
    """Momentum of SGD, undampened, as in Sutskever et al. 2013 with PyTorch's sign and scale."""
    decay: float = 1.0
    """Factor on the rate every `decay_every` epochs."""
    decay_every: int = 1
    """Epochs between two decays."""
    weight_decay: float = 0.0
    """Coefficient of the L2 penalty; its gradient is added to the loss's."""
    dropout: float = 0.0
    """Probability of dropping a hidden unit, after each ReLU."""
    input_dropout: float = 0.0
    """Probability of dropping an input value."""
    input_noise: float = 0.0
    """Standard deviation of normal noise on the inputs, in the inputs' unit after preprocessing."""
    hidden_noise: float = 0.0
    """Standard deviation of normal noise after each ReLU."""
    adversarial: float = 0.0
    """Weight of the loss on critical samples, 0 to 1; that on the batch itself has the rest. They are found by Langevin
    search (LASS) around each example, for the net as it is at that step in evaluation mode (Arpit 2017, footnote 7)."""
    adversarial_radius: float = 0.3
    """How far they may lie from the example, in grey levels of the data's own scale."""
    adversarial_steps: int = 10
    """Steps of the search."""
    crop: int = 0
    """Pixels of zero padding on each side before a random crop back to size; 0 does not crop."""
    flip: bool = False
    """Mirror each image left to right with probability one half."""

    def __post_init__(self) -> None:
        _settle(self)
        if self.optimizer not in OPTIMIZERS and ":" not in self.optimizer:
            raise SettingError(
                f"the optimizer is {self.optimizer!r}; legal are {', '.join(OPTIMIZERS)}, or package.module:factory"
            )
        if self.rate < 0:
            raise SettingError(f"the learning rate is {self.rate}; legal is 0 or more")
        _within("adversarial", self.adversarial, 0.0, 1.0)
        for name in ("batch", "epochs", "decay_every", "adversarial_steps"):
            if getattr(self, name) < 1:
                raise SettingError(f"{name} is {getattr(self, name)}; legal is 1 or more")
        if self.stop_accuracy is not None:
            _within("stop_accuracy", self.stop_accuracy, 0.0, 1.0)
        for name in ("momentum", "dropout", "input_dropout"):
            if not 0 <= getattr(self, name) < 1:
                raise SettingError(f"{name} is {getattr(self, name)}; legal is 0 to below 1")
        for name in ("decay", "weight_decay", "input_noise", "hidden_noise", "crop", "adversarial_radius"):
            if getattr(self, name) < 0:
                raise SettingError(f"{name} is {getattr(self, name)}; legal is 0 or more")

    def rate_at(self, epoch: int) -> float:
        """The learning rate during an epoch, counted from 0."""
        return self.rate * float(self.decay ** (epoch // self.decay_every))


@dataclass(frozen=True, kw_only=True)
class Record:
    """What a run writes down on the way. Loss and accuracies are always among it, at epoch 0 and at the last too."""

    every: int = 1
    """Epochs between two evaluations."""
    early_epochs: int = 0
    """Epochs at the start in which the training set is evaluated every `early_updates` updates besides."""
    early_updates: int = 1
    """Updates between two evaluations within those epochs, counted from the beginning of each."""
    weights: Literal["final", "none"] | tuple[int, ...] = "final"
    """Keep the weights of the end, of no time, or of the named epochs and of the end."""
    probes: tuple[str, ...] = ()
    """Measures taken at every evaluation, as `package.module:function` with the signature of
    `harness.measures.gradients.input_gradient_magnitude`."""
    gradient_probes: tuple[str, ...] = ()
    """Measures taken then too, from the inner products of the examples' gradients in the parameters, as
    `package.module:function` with the signature of `harness.measures.agreement.agreement`."""
    gradient_batch: int = 128
    """Training examples, the first of the set, whose gradients these get."""
    examples: bool = False
    """Keep which training examples are classified correctly at the end."""

    def __post_init__(self) -> None:
        _settle(self)
        if self.every < 1:
            raise SettingError(f"evaluations are every {self.every} epochs; legal is 1 or more")
        if self.early_epochs < 0 or self.early_updates < 1:
            raise SettingError(
                f"{self.early_epochs} early epochs are evaluated every {self.early_updates} updates; legal are 0 or "
                "more epochs and 1 or more updates"
            )
        named = self.weights if isinstance(self.weights, tuple) else ()
        if self.weights not in ("final", "none", named) or not all(type(at) is int and at >= 0 for at in named):
            raise SettingError(
                f"weights are kept at {self.weights!r}; legal are final, none or a tuple of epochs, each 0 or more"
            )
        for kind in ("probes", "gradient_probes"):
            if not isinstance(names := getattr(self, kind), tuple):
                raise SettingError(f"{kind.replace('_', ' ')} are {names!r}; legal is a tuple of names")
        if self.gradient_batch < 1:
            raise SettingError(f"gradient_batch is {self.gradient_batch}; legal is 1 or more")


@dataclass(frozen=True, kw_only=True)
class DataSpec:
    """The data of one run, or of one fit."""

    data: str
    """digits, mnist, cifar10, or the path of an .npz file."""
    subset: int | None = None
    """Training examples, drawn by seed; None takes the whole training set."""
    validation: int | None = None
    """Validation examples, drawn by seed from the test set, or from what the subset leaves; None takes all."""
    crop: int | None = None
    """Side of the square kept from the centre of each image, in pixels; None keeps the whole image."""
    shrink: int = 1
    """Side of the squares of pixels that are averaged to one after the crop; 1 leaves them as they are."""
    preprocessing: Preprocessing = "standardize"
    """standardize: subtract the mean of the images outside the test set, divide by their deviation, both scalars.
    whiten: the same within each image (Zhang 2017, appendix A)."""
    corruption: Corruption = field(default_factory=Corruption)
    seed: int = 0
    """Decides the subset, the corruption, and all that is drawn later."""

    def __post_init__(self) -> None:
        _settle(self)
        _legal("the preprocessing", self.preprocessing, Preprocessing)
        for name in ("subset", "validation", "crop"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise SettingError(f"{name} is {value}; legal is 1 or more, or None for all")
        if self.shrink < 1:
            raise SettingError(f"shrink is {self.shrink}; legal is 1 or more")

    def to_dict(self) -> dict[str, Any]:
        """The spec as plain values, nested as here."""
        return asdict(self)

    @property
    def name(self) -> str:
        """The spec as one line of JSON with sorted keys: equal specs have equal names."""
        return json.dumps(self.to_dict(), sort_keys=True)


@dataclass(frozen=True, kw_only=True)
class RunSpec(DataSpec):
    """One run: everything that decides its numbers but the code, the library's version and the device."""

    model: str
    """A name that `harness.models.build` knows, or `package.module:factory`."""
    recipe: Recipe
    record: Record = field(default_factory=Record)
    nets: int = 1
    """Nets trained on the run's training set, each with an initialisation and an order of its own."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.nets < 1:
            raise SettingError(f"a run trains {self.nets} nets; legal is 1 or more")


@dataclass(frozen=True, kw_only=True)
class KernelSpec(DataSpec):
    """One fit of a Gaussian kernel to a training set, with one-hot targets and nothing taken off them."""

    features: Features = "pixels"
    """What distances are taken of: pixels, magnitudes of Gabor wavelets, or a convolutional net with random filters."""
    filters: int = 200
    """Random filters of the convolutional net, drawn by seed; nothing else looks at it."""
    bandwidth: float | None = None
    """In median distances between two training examples; None takes, of fixed ones, the one with the least error on a
    fifth of the training set that was held out, ties to the larger."""
    ridge: float | None = 0.0
    """Added to the diagonal of the kernel matrix; 0 interpolates, None takes one above 0 as of bandwidths."""
    extra: ExtraPoints = "none"
    """Whether the first half of the validation set is fitted too, with its true labels or with random ones; the test
    error is then that on the other half, and bandwidths are chosen and measured without it."""
    centres: Centres = "data"
    """Where the basis functions stand: on the points that are fitted, or on as many images of normal noise with the
    training images' mean and variance."""

    def __post_init__(self) -> None:
        super().__post_init__()
        _legal("features", self.features, Features)
        _legal("extra", self.extra, ExtraPoints)
        _legal("centres", self.centres, Centres)
        if self.filters < 1:
            raise SettingError(f"filters is {self.filters}; legal is 1 or more")
        if self.bandwidth is not None and self.bandwidth <= 0:
            raise SettingError(f"bandwidth is {self.bandwidth}; legal is above 0, or None for a choice by validation")
        if self.ridge is not None and self.ridge < 0:
            raise SettingError(f"ridge is {self.ridge}; legal is 0 or more, or None for a choice by validation")
        if self.centres == "random" and self.ridge != 0:
            raise SettingError(f"ridge is {self.ridge} with random centres; legal is 0.0")


@dataclass(frozen=True, kw_only=True)
class GeneratorSpec(DataSpec):
    """One generator of images, learned from those of a training set and from no label."""

    kind: GeneratorKind = "pca"
    """pca: the mean image and the principal components. dcgan: a deep convolutional GAN (Radford et al. 2015)."""
    latent: int = 100
    """Latent values, which are standard normal."""
    width: int = 128
    """Channels next to the image in both nets of a DCGAN."""
    epochs: int = 30
    """Epochs of a DCGAN."""
    batch: int = 128
    """Examples a step of a DCGAN."""
    rate: float = 0.0002
    """Learning rate of both nets of a DCGAN."""
    learned: bool = True
    """False learns nothing of the images, as a control: initial weights, random directions."""

    def __post_init__(self) -> None:
        super().__post_init__()
        _legal("the kind of generator", self.kind, GeneratorKind)
        for name in ("latent", "width", "epochs", "batch"):
            if getattr(self, name) < 1:
                raise SettingError(f"{name} is {getattr(self, name)}; legal is 1 or more")
        if self.rate < 0:
            raise SettingError(f"the learning rate is {self.rate}; legal is 0 or more")

    @classmethod
    def of(cls, run: DataSpec, **own: Any) -> GeneratorSpec:
        """The generator of a run's training images, whatever was done to these or their labels."""
        shared = {each.name: getattr(run, each.name) for each in fields(DataSpec)}
        return cls(**{**shared, "corruption": Corruption(), **own})
