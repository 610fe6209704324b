"""What each of several items costs by itself, and which runs they share."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict

from memorization_claims.lab.laboratory import Laboratory
from memorization_claims.plan.plan import Cases
from memorization_claims.price.bill import Asked, Data, price_of, specs_of
from memorization_claims.price.devices import Device, seconds
from memorization_claims.spec.data import DataSpec
from memorization_claims.store.shelf import Shelf

Needs = Mapping[DataSpec, float]
"""The runs, fits and generators of an item at the first seed, and the seconds of those of all seeds of its first look;
infinity where they have no price."""


def needs(
    items: Iterable[Asked], laboratory: Laboratory, base_seed: int, device: Device, *, lacking: bool = False
) -> list[Needs]:
    """Price the first look of each item, as if there were no other.

    Args:
        items: what each of them asks for; cases of theorems need nothing.
        laboratory: where the runs would be trained.
        base_seed: the first seed.
        device: of a worker.
        lacking: whether what the store has at the first seed costs nothing.
    """
    data, costs, found = Data(laboratory), dict[DataSpec, float](), list[Needs]()
    for setting, looks, _ in items:
        specs = () if isinstance(setting, Cases) else specs_of(setting, base_seed)
        for spec in (own := list(specs)):
            if spec not in costs:
                costs[spec] = _seconds(spec, data, device, lacking)
        found.append({spec: looks[0] * costs[spec] for spec in own})
    return found


def _seconds(spec: DataSpec, data: Data, device: Device, lacking: bool) -> float:
    try:
        if lacking and _is_stored(spec, data):
            return 0.0
        price = price_of(spec, data)
    except Exception:  # data and nets of a user's raise whatever they do; who trains them tells
        return math.inf
    return seconds(asdict(price), device) if price else math.inf


def _is_stored(spec: DataSpec, data: Data) -> bool:
    shelf = Shelf(data.laboratory.store_path / "runs")
    if not shelf.folder.is_dir() or data.source(spec.data) is None:
        return False
    return shelf.place(data.laboratory.key(spec)).is_dir()  # type: ignore[arg-type]


def groups(items: Sequence[Needs]) -> list[int]:
    """A number for each item, the same for those that share runs, be it by way of others."""
    firsts: list[int] = list(range(len(items)))

    def first(item: int) -> int:
        while firsts[item] != item:
            item = firsts[item]
        return item

    owners: dict[DataSpec, int] = {}
    for item, needed in enumerate(items):
        for spec in needed:
            one, other = sorted((first(item), first(owners.setdefault(spec, item))))
            firsts[other] = one
    return [first(item) for item in range(len(items))]


def parts(items: Sequence[Needs]) -> list[float]:
    """Seconds of each item where runs are trained once, and those that share a run pay equal parts of it."""
    owners = Counter(spec for needed in items for spec in needed)
    return [sum(cost / owners[spec] for spec, cost in needed.items()) for needed in items]
