"""The data of one run, of one fit or of one generator."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from memorization_claims.errors import SettingError
from memorization_claims.spec import names
from memorization_claims.spec.checks import legal, settle, within
from memorization_claims.spec.facts import check_fraction

Preprocessing = Literal["standardize", "whiten"]


@dataclass(frozen=True, kw_only=True)
class Corruption:
    """How the training set departs from the real one; the validation set never does."""

    kind: str = "none"
    """A name that `memorization_claims.spec.names.CORRUPTIONS` lists, or `package.module:function`: see
    `memorization_claims.data.corruptions`."""
    fraction: float = 1.0
    """The share of training examples that it touches, 0 to 1; those of a lower fraction are among those of a higher."""

    def __post_init__(self) -> None:
        settle(self)
        names.corruption(self.kind)
        within("the fraction of corrupted examples", self.fraction, 0.0, 1.0)
        if ":" not in self.kind:  # a user's module may be the one that is being imported: `corrupt` looks at it
            check_fraction(self.kind, self.fraction)


@dataclass(frozen=True, kw_only=True)
class DataSpec:
    """The data of one run, or of one fit."""

    data: str
    """A name that `memorization_claims.spec.names.DATASETS` lists, the path of an .npz file, or
    `package.module:function`: see `memorization_claims.data.sources`."""
    subset: int | None = None
    """Training examples, drawn by seed; None takes the whole training set."""
    validation: int | None = None
    """Validation examples, drawn by seed from the test set, or from what the subset leaves; None takes all."""
    crop: int | None = None
    """Side of the square kept from the centre of each image, in pixels; None keeps the whole image."""
    border: int = 0
    """Pixels around the crop that the data have, and that random crops in training reach into; with 0 these find zeros
    there."""
    shrink: int = 1
    """Side of the squares of pixels that are averaged to one after the crop; 1 leaves them as they are."""
    preprocessing: Preprocessing = "standardize"
    """standardize: subtract the mean of the images outside the test set, divide by their deviation, both scalars.
    whiten: the same within each image (Zhang 2017, appendix A)."""
    corruption: Corruption = field(default_factory=Corruption)
    seed: int = 0
    """Decides the subset, the corruption, and all that is drawn later."""

    def __post_init__(self) -> None:
        settle(self)
        legal("the preprocessing", self.preprocessing, Preprocessing)
        for name in ("subset", "validation", "crop"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise SettingError(f"{name} is {value}; legal is 1 or more, or None for all")
        if self.border < 0 or (self.border and (self.crop is None or self.shrink > 1)):
            raise SettingError(
                f"border is {self.border} with crop {self.crop} and shrink {self.shrink}; legal is 0, or more with a "
                "crop and shrink 1"
            )
        if self.shrink < 1:
            raise SettingError(f"shrink is {self.shrink}; legal is 1 or more")

    def to_dict(self) -> dict[str, Any]:
        """The spec as plain values, nested as here."""
        return asdict(self)

    @property
    def name(self) -> str:
        """The spec as one line of JSON with sorted keys: equal specs have equal names."""
        return json.dumps(self.to_dict(), sort_keys=True)
