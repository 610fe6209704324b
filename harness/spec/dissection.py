"""How the images are sought that a net answers to most strongly."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

from memorization_claims.errors import SettingError

Objective = Literal["logit", "probability", "log-probability"]
Climber = Literal["adam", "ascent"]


@dataclass(frozen=True, kw_only=True)
class Dissection:
    """Activation maximisation through a generator of images, from several starts for each class."""

    objective: Objective = "logit"
    """What is raised: the class's logit, its probability, or the logarithm of that. The paper's f_j is one of the
    first two; the probability hardly rises from where it is almost zero."""
    climber: Climber = "adam"
    """adam with betas 0.9 and 0.999, or plain gradient ascent, as in the paper."""
    rate: float = 0.05
    """Learning rate in units of a latent value, above 0; the paper's."""
    steps: int = 40
    """Steps, 0 or more; the paper takes 1000."""
    starts: int = 10
    """Latent vectors, or real images, for each class, 1 or more; the paper takes 100."""

    def __post_init__(self) -> None:
        for name, legal in (("objective", Objective), ("climber", Climber)):
            if getattr(self, name) not in get_args(legal):
                raise SettingError(f"{name} is {getattr(self, name)!r}; legal are {', '.join(get_args(legal))}")
        if not 0 < self.rate < math.inf:
            raise SettingError(f"the rate of the search is {self.rate}; legal is a finite number above 0")
        for name, least in (("steps", 0), ("starts", 1)):
            if getattr(self, name) < least:
                raise SettingError(f"{name} is {getattr(self, name)}; legal is {least} or more")
