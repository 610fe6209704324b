"""From the test of a claim to its items: one for each scale, variant and parameter."""

from __future__ import annotations

from typing import get_args

import pytest

from memorization_claims.judging.claim import COMPARING, Claim, Scale
from memorization_claims.judging.judge import RefutedError
from memorization_claims.plan.plan import Setting
from memorization_claims.session.options import Options


def claim_of(node: pytest.Item | pytest.Function) -> Claim | None:
    """The claim that a test tests, if it does."""
    mark = node.get_closest_marker("claim")
    return mark.args[0] if mark else None


def parametrize(metafunc: pytest.Metafunc, options: Options) -> None:
    """Give the test of a claim its settings: both scales, each in all variants, as the user's options change them."""
    mark = metafunc.definition.get_closest_marker("claim")
    if mark is None:
        return
    parameters = []
    for scale in get_args(Scale):
        for name, setting in _variants(mark.args[0], scale, options).items():
            label = f"{scale}-{name}" if name else scale
            place = (scale, name, options.broken(setting), options.spares(setting))
            parameters.append(pytest.param(place, id=label, marks=getattr(pytest.mark, scale)))
    metafunc.parametrize("_setting", parameters, indirect=False)


def _variants(claim: Claim, scale: Scale, options: Options) -> dict[str, Setting]:
    """The settings of one scale by variant, as the options change them.

    A user's model takes the place of all variants that differ in the model alone: of those the first is kept. When it
    is the only one, it is named after the model; else names tell the recipes apart.
    """
    settings = claim.settings(scale)
    variants: dict[str, Setting] = {}
    for name, setting in settings.items():
        changed = options.setting(setting)
        if not (options.model and changed in variants.values()):
            variants[name] = changed
    if options.model and len(variants) == 1 < len(settings):
        return dict(zip([options.model], variants.values(), strict=True))
    return variants


def placed(item: pytest.Function) -> tuple[Scale, str, Setting]:
    """An item's scale, variant and setting."""
    return _place(item)[:3]


def _place(item: pytest.Function) -> tuple[Scale, str, Setting, bool]:
    """Scale, variant, setting, and whether the mutant has nothing to break there."""
    chosen = item.callspec.params["_setting"]
    assert isinstance(chosen, tuple)
    return chosen


def name_of(item: pytest.Function) -> str:
    """The item's name in records: the claim's id, and in brackets its part, variant and parameters."""
    claim = claim_of(item)
    assert claim is not None
    # The setting is the first of the item's parameters, so pytest's name for them begins with the scale.
    rest = item.callspec.id.removeprefix(placed(item)[0]).removeprefix("-")
    inside = "-".join(part for part in (claim.part, rest) if part)
    return f"{claim.id}[{inside}]" if inside else claim.id


def leave_out(items: list[pytest.Item], options: Options) -> tuple[list[pytest.Item], list[pytest.Item]]:
    """The items to keep and to deselect: claims of which a placebo or a mutant has nothing to say."""

    def kept(item: pytest.Item) -> bool:
        claim = claim_of(item)
        if claim is None:
            return True
        assert isinstance(item, pytest.Function)
        return not _place(item)[3] and (not options.placebo or claim.kind in COMPARING)

    return [item for item in items if kept(item)], [item for item in items if not kept(item)]


def mark(item: pytest.Function, options: Options) -> None:
    """Mark an item to be skipped where there is no GPU, and to be refuted where that is what was found."""
    scale, _, _ = placed(item)
    if scale == "fullscale" and options.fullscale_skip:
        item.add_marker(pytest.mark.skip(reason=options.fullscale_skip))
    if says := known(item, options):
        item.add_marker(pytest.mark.xfail(reason=f"{name_of(item)} refuted: {says}", raises=RefutedError, strict=True))


def expected(item: pytest.Function, options: Options) -> str:
    """The verdict that is expected: the paper's claim, unless something else was found."""
    return "refuted" if known(item, options) else "supported"


def known(item: pytest.Function, options: Options) -> str:
    """What was found where that is not the paper's claim, and the options leave it as it is; else empty."""
    claim, (scale, _, setting) = claim_of(item), placed(item)
    assert claim is not None
    finding = claim.finding(name_of(item), scale, setting.dataset)
    return finding.says if finding and not options.changes(setting) else ""
