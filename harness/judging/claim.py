"""What a claim says, before anything is run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import pytest

from memorization_claims.errors import SettingError
from memorization_claims.judging.paper import Source
from memorization_claims.plan.plan import Setting

Kind = Literal["above", "same", "bound", "trend", "interaction", "fit", "exact", "contested"]
Scale = Literal["fast", "fullscale"]
Known = Literal["refuted", "undecided"]
MOST: dict[Scale, int] = {"fast": 192, "fullscale": 24}
"""At most so many seeds at each scale, unless a plan says less: at the papers' own, a run takes a GPU up to half an
hour, and the papers have ten at most of what takes long."""


@dataclass(frozen=True)
class Margin:
    """The smallest effect that counts; for a bound, the level itself."""

    value: float
    """In the unit of the measure."""
    reason: str
    """Why this much, argued from the paper or from what would matter."""


@dataclass(frozen=True)
class Finding:
    """Where a claim is known not to hold, or not to be decided: expected there, so that a change is seen.

    A session fails on the day that a known refutation is gone, and not even most runs show it, but not on that on which
    what was undecided is decided. What was measured is in the record of a session, and is not said again here.
    """

    items: str | tuple[str, ...]
    """The claim's id with its parameters, `Z01[mlp-1x512]`, or several such."""
    dataset: str
    """The data on which it does not hold; "generated" for a theorem."""
    says: str
    """What it means, in words."""
    scale: Scale = "fast"
    verdict: Known = "refuted"
    """What it is known to be there."""

    def __post_init__(self) -> None:
        if self.verdict not in get_args(Known):
            legal = ", ".join(get_args(Known))
            raise SettingError(f"a finding on {self.items} has verdict {self.verdict!r}; legal are {legal}")

    def concerns(self, item: str, scale: str, dataset: str) -> bool:
        """Whether it was found for this item at this scale and on this data."""
        items = (self.items,) if isinstance(self.items, str) else self.items
        return item in items and (scale, dataset) == (self.scale, self.dataset)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A sentence of a paper and what would make it false."""

    id: str
    """Its short name in the pack, alone or with `part`; here Z, A or G for the paper, then two digits."""
    says: str
    """The claim in one sentence, for a reader who has not read the paper."""
    source: Source
    kind: Kind
    """The procedure that decides it: a module of `memorization_claims.statistics`."""
    refuted_by: str
    """The observation that would refute it."""
    margin: Margin
    fast: Setting | Mapping[str, Setting]
    """What is run at reduced scale, or one such for each variant by name."""
    fullscale: Setting | Mapping[str, Setting]
    """What is run at the paper's own scale."""
    part: str = ""
    """Which part of the claim, where several tests share its id."""
    departs: tuple[str, ...] = ()
    """Where the fast scale departs from the paper, beyond smaller nets and data."""
    departs_fullscale: tuple[str, ...] = ()
    """Where the full scale does."""
    findings: tuple[Finding, ...] = ()
    """Where it is known not to hold, or not to be decided."""

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise SettingError(f"claim {self.id} has kind {self.kind!r}; legal are {', '.join(get_args(Kind))}")

    def settings(self, scale: Scale) -> dict[str, Setting]:
        """The settings of one scale by variant; the only variant of a claim without variants is ''."""
        setting: Setting | Mapping[str, Setting] = getattr(self, scale)
        return dict(setting) if isinstance(setting, Mapping) else {"": setting}

    def departures(self, scale: Scale) -> tuple[str, ...]:
        """Departures from the paper at one scale."""
        return self.departs if scale == "fast" else self.departs_fullscale

    def finding(self, item: str, scale: str, dataset: str) -> Finding | None:
        """What was found for an item at a scale and data set, where that is not what the paper claims."""
        return next((finding for finding in self.findings if finding.concerns(item, scale, dataset)), None)


def claim(
    *,
    id: str,
    part: str = "",
    says: str,
    source: Source,
    kind: Kind,
    refuted_by: str,
    margin: Margin,
    fast: Setting | Mapping[str, Setting],
    fullscale: Setting | Mapping[str, Setting],
    departs: tuple[str, ...] = (),
    departs_fullscale: tuple[str, ...] = (),
    findings: tuple[Finding, ...] = (),
) -> pytest.MarkDecorator:
    """Mark a test as the test of a claim.

    The arguments are the fields of `Claim`, which says what each of them means.

    Raises:
        SettingError: for a kind that there is not.
    """
    return pytest.mark.claim(
        Claim(
            id=id,
            part=part,
            says=says,
            source=source,
            kind=kind,
            refuted_by=refuted_by,
            margin=margin,
            fast=fast,
            fullscale=fullscale,
            departs=departs,
            departs_fullscale=departs_fullscale,
            findings=findings,
        )
    )
