"""What a claim asks for: runs, kernel fits or generated cases; pure, so that it can be listed before it is paid for."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from memorization_claims.errors import SettingError
from memorization_claims.plan.crossed import Factors, Levels, crossed
from memorization_claims.spec.dissection import Dissection
from memorization_claims.spec.generator import GeneratorSpec
from memorization_claims.spec.imagenet import ImagenetSpec
from memorization_claims.spec.kernel import KernelSpec
from memorization_claims.spec.run import RunSpec

CASES = 12
"""Cases of a theorem that names no number."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Runs, fits or trainings, of every condition at every seed; conditions share seeds and are compared within one."""

    base: RunSpec | KernelSpec | ImagenetSpec
    """What all of them have in common."""
    conditions: Mapping[str, Mapping[str, Any]]
    """Name of each condition: the fields of `base` that it replaces."""
    factors: Factors = field(default_factory=dict)
    """The level of each factor in each condition, where conditions combine several; see `Plan.crossed`."""
    most: int | None = None
    """At most so many seeds, where a run costs too much for as many looks as the scale has."""
    generator: Mapping[str, Any] | None = None
    """For runs that are measured on generated images: the fields of a `GeneratorSpec` besides the data. Each run has a
    generator of its training set's true images, which runs of one subset share."""
    needs_data: bool = False
    """The claim is about this data set: `--dataset` does not replace it; where it is missing the claim is skipped."""
    unrolled: bool = False
    """Gradients are taken back through its training."""
    radius: float | None = None
    """How far measures that ask for a `radius` search, as a share of the range of the data's pixels: a third of a grey
    level of 256 is about 0.0013."""
    dissection: Dissection | None = None
    """How its nets are compared, if they are: on images of the generator, or on real ones where it has none."""

    def __post_init__(self) -> None:
        if not self.conditions:
            raise SettingError("a plan has no conditions; legal is one or more")
        if self.most is not None and self.most < 1:
            raise SettingError(f"a plan has at most {self.most} seeds; legal is 1 or more")
        if self.radius is not None and not 0 <= self.radius < math.inf:
            raise SettingError(f"a plan has the radius {self.radius}; legal is a finite share of the range, 0 or more")
        if self.factors and self.factors.keys() != self.conditions.keys():
            raise SettingError(
                f"a plan has factors of {', '.join(self.factors)}; legal are those of its conditions, "
                f"{', '.join(self.conditions)}"
            )

    @classmethod
    def crossed(
        cls,
        base: RunSpec | KernelSpec,
        factors: Mapping[str, Levels],
        *,
        most: int | None = None,
        needs_data: bool = False,
    ) -> Plan:
        """A plan of every combination of levels, named by them: "randY, wide".

        Args:
            base: what all of them have in common.
            factors: for each factor its levels by name, each with the fields of `base` that it replaces, and its
                number where it has one.
            most: at most so many seeds; None for as many as the scale has.
            needs_data: whether the claim is about this data set.

        Raises:
            SettingError: where two factors replace the same field.
        """
        conditions, levels = crossed(factors)
        return cls(base=base, conditions=conditions, factors=levels, most=most, needs_data=needs_data)

    @property
    def dataset(self) -> str:
        """Name of the data."""
        return self.base.data

    @property
    def trains(self) -> bool:
        """Whether a session trains nets for it; else it fits kernels, or takes trainings on ImageNet from the store."""
        return isinstance(self.base, RunSpec)

    @property
    def streams(self) -> bool:
        """Whether it asks for trainings on ImageNet, which no session makes: they are in the store or are missing."""
        return isinstance(self.base, ImagenetSpec)

    def specs(self, seeds: Sequence[int] = (0,)) -> dict[str, list[Any]]:
        """The runs, fits or trainings of each condition, in the order of seeds."""
        return {
            name: [replace(self.base, **changes, seed=seed) for seed in seeds]
            for name, changes in self.conditions.items()
        }

    def generator_of(self, spec: RunSpec) -> GeneratorSpec | None:
        """The generator of a run's training images, where there is one."""
        return None if self.generator is None else GeneratorSpec.of(spec, **self.generator)

    def changed(self, **changes: Any) -> Plan:
        """The plan with fields of the base replaced."""
        return replace(self, base=replace(self.base, **changes))

    def trained(self, **recipe: Any) -> Plan:
        """The plan with fields of every recipe replaced, that of the base and those of conditions."""
        if not isinstance(self.base, RunSpec):
            raise SettingError(f"only nets are trained by a recipe; the base of this plan is {self.base}")
        conditions = {
            name: {**changes, "recipe": replace(changes["recipe"], **recipe)} if "recipe" in changes else changes
            for name, changes in self.conditions.items()
        }
        return replace(self, conditions=conditions).changed(recipe=replace(self.base.recipe, **recipe))


@dataclass(frozen=True, kw_only=True)
class Cases:
    """Generated inputs for a claim that is a theorem: one case a seed, no data set and no training run."""

    options: Mapping[str, Any] = field(default_factory=dict)
    """Keyword arguments of the function that generates and measures a case."""
    number: int = CASES
    """How many of them."""

    @property
    def dataset(self) -> str:
        """What the record names as data."""
        return "generated"


Setting = Plan | Cases
