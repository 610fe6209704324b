"""What the options make of a claim's setting: the user's data, model, recipe and seeds, or a control."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from memorization_claims.plan.plan import Plan, Setting
from memorization_claims.session import stash

if TYPE_CHECKING:
    from memorization_claims.controls.mutant import Mutant
    from memorization_claims.judging.placebo import Placebo
    from memorization_claims.session.options import Options


OWN_RATES = {"adam": 0.001}
"""The rate at which an optimizer of ours runs without one: that of Kingma & Ba 2015. SGD has none."""


@dataclass(frozen=True, kw_only=True)
class Overrides:
    """What takes the place of a claim's own choices, wherever the claim is not about them; None leaves them."""

    dataset: str | None = None
    model: str | None = None
    optimizer: str | None = None
    rate: float | None = None
    seeds: int | None = None
    placebo: Placebo | None = None
    mutant: Mutant | None = None

    def changes(self, setting: Setting) -> bool:
        """Whether findings say nothing here: under a control, or with a model or a training of the user's."""
        return bool(self.placebo or self.mutant) or self._models(setting) or self._trains(setting)

    def departures(self, setting: Setting) -> tuple[str, ...]:
        """What stands in the place of what the claim states, a sentence each."""
        if not isinstance(setting, Plan):
            return ()
        data = (f"judged on {self.dataset}, chosen by the user",) if self.dataset and not setting.needs_data else ()
        model = (f"judged with the model {self.model}, chosen by the user",) if self._models(setting) else ()
        recipe = (f"trained with {what}, chosen by the user" for what in self._trained_with())
        return (*data, *model, *(recipe if self._trains(setting) else ()))

    def setting(self, setting: Setting) -> Setting:
        """What a claim asks for, with the user's data, model, optimizer and rate, and as many cases as seeds."""
        if isinstance(setting, Plan):
            if self.dataset and not setting.needs_data:
                setting = setting.changed(data=self.dataset)
            if self._models(setting):
                setting = setting.changed(model=self.model)
            if self._trains(setting):
                setting = setting.trained(**self._training)
        elif self.seeds:
            setting = replace(setting, number=self.seeds)
        return setting

    def broken(self, setting: Setting) -> Setting:
        """What a claim asks for after the mutant, if there is one."""
        return self.mutant.setting(setting) if self.mutant else setting

    def spares(self, setting: Setting) -> bool:
        """Whether there is a mutant and it has nothing to break here."""
        return self.mutant is not None and not self.mutant.concerns(setting)

    def _models(self, setting: Setting) -> bool:
        """Whether a model of the user's is trained: conditions that are about a model of their own keep it."""
        if not (self.model and isinstance(setting, Plan) and setting.trains):
            return False
        return any("model" not in changes for changes in setting.conditions.values())

    def _trains(self, setting: Setting) -> bool:
        """Whether nets are trained in a way of the user's."""
        return bool(self._training and isinstance(setting, Plan) and setting.trains)

    @property
    def _training(self) -> dict[str, Any]:
        """The fields of every recipe that the user chose; an optimizer without a rate brings its own."""
        chosen = {"optimizer": self.optimizer, "rate": self.rate}
        own = {"rate": OWN_RATES.get(self.optimizer)} if self.optimizer and self.rate is None else {}
        return {name: value for name, value in chosen.items() if value is not None} | own

    def _trained_with(self) -> Iterator[str]:
        """The same in words."""
        if self.optimizer:
            own = OWN_RATES.get(self.optimizer)
            rate = f"optimizer {self.optimizer} at its own rate" + (f" {own:g}" if own else "")
            yield rate if self.rate is None else f"optimizer {self.optimizer}"
        if self.rate is not None:
            yield f"rate {self.rate:g}"


KEY: pytest.StashKey[Overrides] = pytest.StashKey()


def of(config: pytest.Config) -> Overrides:
    """The overrides of a session, made when a claim first asks."""
    if KEY not in config.stash:
        options = config.stash[stash.OPTIONS]
        config.stash[KEY] = Overrides(
            dataset=options.dataset,
            model=options.model,
            optimizer=options.optimizer,
            rate=options.rate,
            seeds=options.seeds,
            placebo=_placebo(options),
            mutant=_mutant(config, options.mutant),
        )
    return config.stash[KEY]


def _placebo(options: Options) -> Placebo | None:
    """The placebo or the A/A test, if either is asked for."""
    if not (options.placebo or options.aa):
        return None
    from memorization_claims.judging.placebo import Placebo

    return Placebo(options.aa, options.placebo_seed or 0)


def _mutant(config: pytest.Config, name: str | None) -> Mutant | None:
    """The mutant of that name, of ours and of those that `pytest_claims_mutants` adds; None without a name.

    Raises:
        SettingError: for an unknown name.
    """
    if not name:
        return None
    from memorization_claims.controls.find import find

    return find(name, [mutant for supplied in config.hook.pytest_claims_mutants() for mutant in supplied])
