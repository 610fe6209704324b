"""One training run: what is recorded of it, and all that decides its numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from memorization_claims.errors import SettingError
from memorization_claims.spec.checks import legal, settle
from memorization_claims.spec.data import DataSpec
from memorization_claims.spec.recipe import Recipe


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
    `memorization_claims.measures.nets.gradients.input_gradient_magnitude`."""
    gradient_probes: tuple[str, ...] = ()
    """Measures taken then too, from the inner products of the examples' gradients in the parameters, as
    `package.module:function` with the signature of `memorization_claims.measures.nets.agreement.agreement`; where it
    has a parameter `labels` it gets these examples' too."""
    gradient_batch: int = 128
    """Training examples, the first of the set, whose gradients these get."""
    examples: Literal["none", "final", "every"] = "none"
    """Keep which training examples are classified as they were to be: at no time, at the end, or at every
    evaluation."""
    validation: Literal["every", "final"] = "every"
    """Evaluate the validation set after every evaluated epoch, or of each net at its last one alone, which is cheaper
    where it is larger than the training set."""

    def __post_init__(self) -> None:
        settle(self)
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
        legal("examples", self.examples, Literal["none", "final", "every"])
        legal("validation", self.validation, Literal["every", "final"])
        if self.gradient_batch < 1:
            raise SettingError(f"gradient_batch is {self.gradient_batch}; legal is 1 or more")


@dataclass(frozen=True, kw_only=True)
class RunSpec(DataSpec):
    """One run: everything that decides its numbers but the code, the library's version and the device."""

    model: str
    """A name that `memorization_claims.spec.names.MODELS` lists, or `package.module:factory`: see
    `memorization_claims.models.build`."""
    recipe: Recipe
    record: Record = field(default_factory=Record)
    nets: int = 1
    """Nets trained on the run's training set, each with an initialisation and an order of its own."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.border and self.border != self.recipe.crop:
            raise SettingError(
                f"border is {self.border} and random crops reach {self.recipe.crop} pixels; legal is the same, or 0"
            )
        if self.nets < 1:
            raise SettingError(f"a run trains {self.nets} nets; legal is 1 or more")
