"""What the items of a session need: runs, fits, generators and trainings, each once however many items share it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from typing import Any, NamedTuple

import torch

from memorization_claims.data import source
from memorization_claims.errors import HarnessError
from memorization_claims.imagenet.record import key_of
from memorization_claims.lab.laboratory import Laboratory
from memorization_claims.plan.plan import Cases, Plan, Setting
from memorization_claims.price import imagenet, others, run
from memorization_claims.price.net import KINDS
from memorization_claims.price.run import Price
from memorization_claims.price.sizes import PUBLISHED, Size, size, whole
from memorization_claims.price.work import Work
from memorization_claims.spec.data import DataSpec
from memorization_claims.spec.generator import GeneratorSpec
from memorization_claims.spec.imagenet import ImagenetSpec
from memorization_claims.spec.kernel import KernelSpec
from memorization_claims.spec.run import RunSpec
from memorization_claims.store.shelf import Shelf
from memorization_claims.training.cohort import cohort_of

UNPRICED = Price(work=dict.fromkeys(KINDS, Work()), kept=0)
"""Of what nobody has counted."""


class Asked(NamedTuple):
    """What one item asks for."""

    setting: Setting
    looks: Sequence[int]
    """After how many seeds it is looked at, rising."""
    stage: int = 1
    """In which stage of the session it is judged."""


@dataclass
class _Needed:
    """Runs that differ in the seed alone: so many of the first ones are needed."""

    spec: Any
    """At the first seed."""
    first: int = 0
    """For the first look of each item."""
    most: int = 0
    """For the last."""
    stage: int = 0
    """The first that needs some; 0 before any is known."""

    def add(self, other: _Needed) -> None:
        """Need what another needs besides."""
        self.first, self.most = max(self.first, other.first), max(self.most, other.most)
        self.stage = min(self.stage or other.stage, other.stage)


def bill(items: Iterable[Asked], laboratory: Laboratory, base_seed: int) -> dict[str, Any]:
    """Price what items ask for, without training or measuring anything.

    Args:
        items: what each of them asks for.
        laboratory: where the runs would be trained.
        base_seed: the first seed.

    Returns:
        As plain values: `items`, `cases` of theorems, `missing`, the data sets that are not here, `unpriced`, what has
        no price with the reason, and `jobs`. Each job is a list of runs that differ in the seed alone: `kind` (run,
        fit, generator, or training, which torchrun makes and no session), `model`, `data`, `spec` of the first seed,
        `cohort`, a number that those share which can be trained side by side, `first` and `most`, how many the items
        need at their first look and at their last, the first `stage` that needs some, `stored`, the seeds that are in
        the store by kind of device, and what one of them costs, the fields of a `Price`, which is 0 of what is among
        the unpriced for its kind alone.
    """
    told: dict[str, Any] = {"items": 0, "cases": 0, "missing": [], "unpriced": []}
    needed: dict[DataSpec, _Needed] = {}
    for setting, looks, stage in items:
        told["items"] += 1
        if isinstance(setting, Cases):
            told["cases"] += setting.number
            continue
        for spec in specs_of(setting, base_seed):
            needed.setdefault(spec, _Needed(spec)).add(_Needed(spec, looks[0], looks[-1], stage))
    data, cohorts = Data(laboratory), dict[Any, int]()
    told["jobs"] = []
    for one in _once(needed.values(), data):
        try:
            priced = price_of(one.spec, data)
        except HarnessError as error:
            told["unpriced"].append(str(error))
            continue
        if priced is None:
            told["unpriced"].append(f"{_name(one.spec)}, since of generators DCGANs alone are counted")
        cohort = cohort_of(one.spec) if isinstance(one.spec, RunSpec) else one.spec
        number = cohorts.setdefault(cohort, len(cohorts))
        told["jobs"].append({"cohort": number, **_job(one, priced or UNPRICED, data)})
    told["missing"] = sorted({job["data"] for job in told["jobs"] if data.source(job["data"]) is None})
    told["unpriced"] = list(dict.fromkeys(told["unpriced"]))
    return told


def specs_of(plan: Plan, seed: int) -> Iterable[DataSpec]:
    """The runs, fits and generators of a plan at one seed."""
    for specs in plan.specs([seed]).values():
        yield from specs
        if plan.trains:
            yield from filter(None, map(plan.generator_of, specs))


class Data:
    """The data sets, those that are here and those that are not.

    Args:
        laboratory: where the runs would be trained.
    """

    def __init__(self, laboratory: Laboratory) -> None:
        self.laboratory = laboratory
        self.source = cache(self._source)

    def _source(self, name: str) -> source.Source | None:
        if name == ImagenetSpec.data:
            return None
        here = source.available(name, self.laboratory.data_root)
        return self.laboratory.source(name) if here else None

    def whole(self, name: str) -> Size:
        """The size of a data set.

        Raises:
            DataError: where it is not here, and no published one.
        """
        if found := self.source(name):
            return whole(found)
        return PUBLISHED[name] if name in PUBLISHED else whole(self.laboratory.source(name))


def _once(needed: Iterable[_Needed], data: Data) -> Iterable[_Needed]:
    """Those of one key together: one name of a file may stand for another's data."""
    by_key: dict[str, _Needed] = {}
    for one in needed:
        here = data.source(one.spec.data) is not None
        by_key.setdefault(data.laboratory.key(one.spec) if here else one.spec.name, one).add(one)
    return by_key.values()


def price_of(spec: DataSpec, data: Data) -> Price | None:
    """What one run, fit or generator costs; None where that is not counted.

    Raises:
        HarnessError: where it has no price, with the reason.
    """
    if isinstance(spec, ImagenetSpec):
        return imagenet.price(spec)
    taken = size(spec, data.whole(spec.data))
    if isinstance(spec, RunSpec):
        return run.price(spec, taken)
    return others.fit(spec, taken) if isinstance(spec, KernelSpec) else others.generator(spec, taken)  # type: ignore[arg-type]


def _name(spec: DataSpec) -> str:
    if isinstance(spec, RunSpec):
        return spec.model
    if isinstance(spec, ImagenetSpec):
        return "inception-v3"
    if isinstance(spec, KernelSpec):
        return f"kernel of {spec.features}"
    assert isinstance(spec, GeneratorSpec)
    return f"generator {spec.kind}"


def _job(one: _Needed, priced: Price, data: Data) -> dict[str, Any]:
    kinds = {RunSpec: "run", KernelSpec: "fit", GeneratorSpec: "generator", ImagenetSpec: "training"}
    kind = kinds[type(one.spec)]
    stored = {name: _stored(one, data, torch.device(name)) for name in KINDS}
    told = {"kind": kind, "model": _name(one.spec), "data": one.spec.data, "first": one.first, "most": one.most}
    told["stage"] = one.stage
    return told | {"spec": json.loads(one.spec.name), "stored": stored} | asdict(priced)


def _stored(one: _Needed, data: Data, device: torch.device) -> list[int]:
    """The seeds that need not be trained, since they are in the store."""
    shelf = Shelf(data.laboratory.store_path / "runs")
    trained = isinstance(one.spec, ImagenetSpec)
    if not (shelf.folder.is_dir() and (trained or data.source(one.spec.data))):
        return []
    place: Callable[[Any], str] = key_of if trained else replace(data.laboratory, device=device).key
    seeds = range(one.spec.seed, one.spec.seed + one.most)
    return [seed for seed in seeds if shelf.place(place(replace(one.spec, seed=seed))).is_dir()]
