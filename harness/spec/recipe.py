"""How a net is trained."""

from __future__ import annotations

from dataclasses import dataclass

from memorization_claims.errors import SettingError
from memorization_claims.spec.checks import settle, within

OPTIMIZERS = ("sgd", "adam")


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How a net is trained. Nothing regularises unless it says so."""

    rate: float | None
    """Learning rate at the first epoch, at least 0; None leaves an optimizer of the user's the rates that its factory
    gives it."""
    batch: int
    """Examples a step; the last batch of an epoch may be smaller."""
    epochs: int
    """The budget."""
    stop_accuracy: float | None = None
    """Stop at the first evaluation after a whole epoch whose training accuracy reaches this; None trains to the end of
    the budget."""
    optimizer: str = "sgd"
    """sgd with `momentum`, adam with betas 0.9 and 0.999, or `package.module:factory`: see
    `memorization_claims.training.own`."""
    momentum: float = 0.9
    """Momentum of SGD, undampened, as in Sutskever et al. 2013 with PyTorch's sign and scale."""
    decay: float = 1.0
    """Factor on the rate, of an optimizer of the user's on those of all its groups, every `decay_every` epochs."""
    decay_every: int = 1
    """Epochs between two decays."""
    weight_decay: float = 0.0
    """Coefficient of the L2 penalty; its gradient is added to the loss's."""
    dropout: float = 0.0
    """Probability of dropping a hidden unit, after each of `memorization_claims.models.noise.ACTIVATIONS`."""
    input_dropout: float = 0.0
    """Probability of dropping an input value."""
    input_noise: float = 0.0
    """Standard deviation of normal noise on the inputs, in the inputs' unit after preprocessing."""
    hidden_noise: float = 0.0
    """Standard deviation of normal noise there."""
    adversarial: float = 0.0
    """Weight of the loss on critical samples, 0 to 1; that on the batch itself has the rest. They are found by Langevin
    search (LASS) around each example, for the net as it is at that step in evaluation mode (Arpit 2017, footnote 7)."""
    adversarial_radius: float = 0.3 / 255
    """How far they may lie from the example, as a share of the range of the data's pixels."""
    adversarial_steps: int = 10
    """Steps of the search."""
    crop: int = 0
    """Pixels of zero padding on each side before a random crop back to size; 0 does not crop."""
    flip: bool = False
    """Mirror each image left to right with probability one half."""

    def __post_init__(self) -> None:
        settle(self)
        if self.optimizer not in OPTIMIZERS and ":" not in self.optimizer:
            raise SettingError(
                f"the optimizer is {self.optimizer!r}; legal are {', '.join(OPTIMIZERS)}, or package.module:factory"
            )
        if self.rate is None and ":" not in self.optimizer:
            raise SettingError(f"the learning rate is None; legal for {self.optimizer} is 0 or more")
        if self.rate is not None and self.rate < 0:
            raise SettingError(f"the learning rate is {self.rate}; legal is 0 or more")
        within("adversarial", self.adversarial, 0.0, 1.0)
        for name in ("batch", "epochs", "decay_every", "adversarial_steps"):
            if getattr(self, name) < 1:
                raise SettingError(f"{name} is {getattr(self, name)}; legal is 1 or more")
        if self.stop_accuracy is not None:
            within("stop_accuracy", self.stop_accuracy, 0.0, 1.0)
        for name in ("momentum", "dropout", "input_dropout"):
            if not 0 <= getattr(self, name) < 1:
                raise SettingError(f"{name} is {getattr(self, name)}; legal is 0 to below 1")
        for name in ("decay", "weight_decay", "input_noise", "hidden_noise", "crop", "adversarial_radius"):
            if getattr(self, name) < 0:
                raise SettingError(f"{name} is {getattr(self, name)}; legal is 0 or more")

    def scale_at(self, epoch: int) -> float:
        """The factor on the learning rate during an epoch, counted from 0."""
        return float(self.decay ** (epoch // self.decay_every))

    def rate_at(self, epoch: int) -> float:
        """The learning rate during an epoch, counted from 0.

        Raises:
            SettingError: where it is the optimizer's own.
        """
        if self.rate is None:
            raise SettingError(f"the learning rate is None, that of {self.optimizer}; legal here is a number")
        return self.rate * self.scale_at(epoch)
