"""Data, models and optimizers of users, tried out once a session on the data of the claims that it judges."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from memorization_claims.errors import DataError, HarnessError, SettingError, UnfitDataError
from memorization_claims.session import items as claims
from memorization_claims.session import stash
from memorization_claims.session.laboratory import laboratory_of

if TYPE_CHECKING:
    from memorization_claims.lab.laboratory import Laboratory
    from memorization_claims.spec.run import RunSpec


def try_out(config: pytest.Config, items: Sequence[pytest.Item]) -> None:
    """Try out what users named, before anything is trained.

    Items whose data a model given by an option does not take are skipped, with the reason, as long as it takes some.

    Raises:
        SettingError: for what no item can be judged with, or what a claim itself names, in one line.
        DataError: where the data set that the user chose cannot be read, in one line.
    """
    judged = [item for item in items if _is_judged(item)]
    _read(config, judged)
    concerned = {item: list(_own(config, item)) for item in judged}
    named: dict[Any, RunSpec] = {_kind(spec): spec for specs in concerned.values() for spec in specs}
    if not named:
        return
    laboratory = laboratory_of(config)
    tried = {kind: told for kind, spec in named.items() if (told := _tried(laboratory, spec)) is not None}
    failed = {kind: told for kind, told in tried.items() if told}
    options = config.stash[stash.OPTIONS]
    chosen = options.model or options.optimizer
    if failed and (len(failed) == len(tried) or not chosen):
        raise SettingError(next(iter(failed.values())))
    for item, specs in concerned.items():
        if reason := next((failed[_kind(spec)] for spec in specs if _kind(spec) in failed), ""):
            item.add_marker(pytest.mark.skip(reason=reason))


def _is_judged(item: pytest.Item) -> bool:
    return claims.claim_of(item) is not None and item.get_closest_marker("skip") is None


def _read(config: pytest.Config, items: Sequence[pytest.Item]) -> None:
    """Read the data set that the user chose, where an item is judged on it."""
    chosen = config.stash[stash.OPTIONS].dataset
    settings = [claims.placed(item).setting for item in items if isinstance(item, pytest.Function)]
    if chosen and any(setting.dataset == chosen for setting in settings):
        laboratory_of(config).source(chosen)


def _own(config: pytest.Config, item: pytest.Item) -> Iterator[RunSpec]:
    """The runs of an item, one of each condition, in which a model or an optimizer is a user's."""
    from memorization_claims.plan.plan import Plan

    assert isinstance(item, pytest.Function)
    setting = claims.placed(item).setting
    if not (isinstance(setting, Plan) and setting.trains):
        return
    options = config.stash[stash.OPTIONS]
    for (spec,) in setting.specs([options.base_seed]).values():
        if ":" in f"{spec.model}{spec.recipe.optimizer}" or spec.model == options.model:
            yield spec


def _kind(spec: RunSpec) -> Any:
    """Runs that are tried out alike."""
    from memorization_claims.spec.facts import facts_of

    classes = (spec.corruption.kind, spec.subset) if facts_of(spec.corruption.kind).new_classes else None
    seen = (spec.data, spec.crop, spec.shrink, spec.preprocessing, classes)
    return spec.model, spec.recipe.optimizer, spec.recipe.rate, seen, bool(spec.record.gradient_probes)


def _tried(laboratory: Laboratory, spec: RunSpec) -> str | None:
    """What is wrong, in one line; empty where nothing is; None where the data are missing or do not allow the run.

    What the store has the run of was trained as it is, and is not tried again.
    """
    from memorization_claims.training.pool import EVALUATION_EXAMPLES
    from memorization_claims.training.trial import try_out as tried

    if _trained(laboratory, spec):
        return ""
    try:
        examples = spec.subset or len(laboratory.source(spec.data).labels)
        few = replace(spec, subset=min(examples, max(spec.recipe.batch, EVALUATION_EXAMPLES)), validation=1)
        data = laboratory.dataset(few)
    except HarnessError:  # the claim's own set-up tells
        return None
    try:
        tried(few, data, examples, laboratory.device)
    except (SettingError, UnfitDataError) as error:
        return f"{error} (on {spec.data}: {tuple(data.inputs.shape[1:])}, {data.classes} classes)"
    return ""


def _trained(laboratory: Laboratory, spec: RunSpec) -> bool:
    """Whether the store has the run; not where its name cannot be told, as of code that cannot be imported."""
    try:
        return laboratory.store_path.exists() and laboratory.store.load(laboratory.key(spec)) is not None
    except (DataError, SettingError):
        return False
