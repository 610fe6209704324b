"""From the test of a claim to its items: one for each scale, variant and parameter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

import pytest

from memorization_claims.session import looks, stash

if TYPE_CHECKING:
    from memorization_claims.judging.claim import Claim, Finding, Scale
    from memorization_claims.plan.plan import Setting
    from memorization_claims.session.overrides import Overrides
    from memorization_claims.statistics.looks import Schedule

PARAMETER = "_claims_place"
"""The first parameter of every item of a claim, so that its name begins with the scale."""


@dataclass(frozen=True)
class Place:
    """Where a claim is judged: the scale, variant and setting of one item."""

    scale: Scale
    variant: str
    """Name of the variant; empty for the only one."""
    setting: Setting
    """What is run, as the options change it."""
    spared: bool
    """There is a mutant, and it has nothing to break here."""
    schedule: Schedule
    """After how many seeds it is looked at."""


def claim_of(node: pytest.Item | pytest.Collector) -> Claim | None:
    """The claim that a test tests, if any; a marker `claim` of another plugin is ignored."""
    for mark in node.iter_markers("claim"):
        from memorization_claims.judging.claim import Claim

        if mark.args and isinstance(mark.args[0], Claim):
            return mark.args[0]
    return None


def parametrize(metafunc: pytest.Metafunc, claim: Claim, overrides: Overrides) -> None:
    """Give the test of a claim its places: both scales, each in all variants, as the user's options change them."""
    from memorization_claims.judging.claim import Scale

    parameters = []
    for scale in get_args(Scale):
        for name, setting in _variants(claim, scale, overrides).items():
            label = f"{scale}-{name}" if name else scale
            broken, planned = overrides.broken(setting), looks.schedule(setting, scale, overrides)
            place = Place(scale, name, broken, overrides.spares(setting), planned)
            parameters.append(pytest.param(place, id=label, marks=getattr(pytest.mark, scale)))
    # No fixture has to ask for it, so that each of them can be another's.
    metafunc.fixturenames.append(PARAMETER)
    metafunc.parametrize(PARAMETER, parameters, indirect=False)


def _variants(claim: Claim, scale: Scale, overrides: Overrides) -> dict[str, Setting]:
    """The settings of one scale by variant, as the options change them.

    A user's model takes the place of all variants that differ in the model alone: of those the first is kept. When it
    is the only one, it is named after the model; else names tell the recipes apart.
    """
    settings = claim.settings(scale)
    variants: dict[str, Setting] = {}
    for name, setting in settings.items():
        changed = overrides.setting(setting)
        if not (overrides.model and changed in variants.values()):
            variants[name] = changed
    if overrides.model and len(variants) == 1 < len(settings):
        return dict(zip([overrides.model], variants.values(), strict=True))
    return variants


def placed(item: pytest.Function) -> Place:
    """Where an item of a claim is judged."""
    place = item.callspec.params[PARAMETER]
    assert isinstance(place, Place)
    return place


def name_of(item: pytest.Function) -> str:
    """The item's name in records: the claim's id, and in brackets its part, variant and parameters."""
    claim = claim_of(item)
    assert claim is not None
    rest = item.callspec.id.removeprefix(placed(item).scale).removeprefix("-")
    inside = "-".join(part for part in (claim.part, rest) if part)
    return f"{claim.id}[{inside}]" if inside else claim.id


def mark(item: pytest.Function, overrides: Overrides) -> None:
    """Make an item known by its name; skip it where there is no GPU, and expect of it what was found.

    A refutation that was found fails the session on the day that it is gone, and not even most runs show it. What was
    found undecided may be decided.

    Args:
        item: of a claim.
        overrides: of the session.
    """
    from memorization_claims.judging.judge import NotSupportedError, RefutedError

    item.extra_keyword_matches.add(name_of(item))
    skip = item.config.stash[stash.OPTIONS].fullscale_skip
    if placed(item).scale == "fullscale" and skip:
        item.add_marker(pytest.mark.skip(reason=skip))
    if found := known(item, overrides):
        refuted = found.verdict == "refuted"
        reason = f"{name_of(item)} {found.verdict}: {found.says}"
        raises = RefutedError if refuted else NotSupportedError
        item.add_marker(pytest.mark.xfail(reason=reason, raises=raises, strict=refuted))


def known(item: pytest.Function, overrides: Overrides) -> Finding | None:
    """What was found instead of the paper's claim; None where nothing is known, or the options change what is run."""
    claim, place = claim_of(item), placed(item)
    assert claim is not None
    finding = claim.finding(name_of(item), place.scale, place.setting.dataset)
    return None if overrides.changes(place.setting) else finding
