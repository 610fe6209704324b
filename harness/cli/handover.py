"""A plugin for the sessions that `claims` starts: it hands over in a file what they collected and judged.

A session has it by `-p` alone, so that nobody else meets its option, and needs no report to tell its verdicts.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from memorization_claims.controls import find
from memorization_claims.controls.mutant import Mutant
from memorization_claims.data import source
from memorization_claims.errors import HarnessError, SettingError
from memorization_claims.plan.plan import Plan
from memorization_claims.session import stash
from memorization_claims.session.items import claim_of, name_of, placed
from memorization_claims.session.results import UNRECORDED
from memorization_claims.store import fingerprint
from memorization_claims.store.key import key

OPTION = "--claims-hand-over"
MUTANTS_TOO = "--claims-hand-over-mutants"
PRICE_TOO = "--claims-hand-over-price"
TRAINING_TOO = "--claims-hand-over-training"
Tell = Callable[[Iterable[pytest.Function], pytest.Config], dict[str, Any]]
SESSION = "memorization_claims.fixtures.claims"
"""The module that hands claims all that judges them; what it imports counts too."""
FOUND: pytest.StashKey[dict[str, Any]] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare where to, and whether with the mutants, or with price or training, for which torch is imported."""
    group = parser.getgroup("claims")
    group.addoption(OPTION, metavar="FILE", help="hand over what was collected and judged")
    group.addoption(MUTANTS_TOO, action="store_true", help="and which mutants there are")
    group.addoption(PRICE_TOO, action="store_true", help="and what it would cost")
    group.addoption(TRAINING_TOO, action="store_true", help="and what is to be trained, and where")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Take note of what is selected; with workers, the process that hands over collects nothing."""
    items = [item for item in session.items if isinstance(item, pytest.Function) and claim_of(item)]
    selected: dict[str, Any] = {"claims": claims(items), "datasets": datasets(items, session.config)}
    more: dict[str, tuple[str, Tell]] = {
        "mutants": (MUTANTS_TOO, mutants),
        "price": (PRICE_TOO, price),
        "training": (TRAINING_TOO, training),
    }
    for name, (option, told) in more.items():
        if session.config.getoption(option):
            try:
                selected[name] = told(items, session.config)
            except HarnessError as error:
                raise pytest.UsageError(str(error)) from error
    session.config.stash[FOUND] = selected


def pytest_unconfigure(config: pytest.Config) -> None:
    """Hand over at the very end, unless the session came to nothing or is a worker's."""
    results = config.pluginmanager.get_plugin("claims-results")
    if results is None or hasattr(config, "workerinput"):
        return
    handed_over: dict[str, Any] = config.stash.get(FOUND, {})
    if not config.option.collectonly:
        handed_over["record"] = results.document()
    Path(config.getoption(OPTION)).write_text(json.dumps(handed_over, allow_nan=False), encoding="utf-8")


def claims(items: Iterable[pytest.Function]) -> list[dict[str, Any]]:
    """The claims of these items, a dictionary for each claim and part, by id."""
    by_test: dict[str, dict[str, Any]] = {}
    for item in items:
        claim, test = claim_of(item), item.nodeid.split("[")[0]
        assert claim is not None
        facts: dict[str, Any] = {
            "id": claim.id,
            "part": claim.part,
            "says": claim.says,
            "source": str(claim.source),
            "test": test,
            "kind": claim.kind,
            "refuted_by": claim.refuted_by,
            "margin": claim.margin.value,
            "margin_reason": claim.margin.reason,
            "items": [],
        }
        by_test.setdefault(test, facts)["items"].append(f"{placed(item).scale} {name_of(item)}")
    return sorted(by_test.values(), key=lambda claim: (claim["id"], claim["part"]))


def datasets(items: Iterable[pytest.Function], config: pytest.Config) -> list[str]:
    """The data sets of these items that are there or are fetched: names, of files without their folders."""
    chosen = config.stash[stash.OPTIONS]
    settings = [placed(item).setting for item in items]
    names = {setting.dataset for setting in settings if isinstance(setting, Plan) and not setting.streams}
    return sorted(Path(name).name for name in names if chosen.download or source.available(name, chosen.data_root))


def mutants(items: Iterable[pytest.Function], config: pytest.Config) -> dict[str, Any]:
    """What decides the verdicts of these items, as `asked`, and by name every mutant that is `known`.

    Of a mutant: what it breaks, what that spoils, whether it is blunt, the test that catches it, whether it concerns
    any item, and a digest of its code.
    """
    chosen, selected = config.stash[stash.OPTIONS], list(items)
    settings = [placed(item).setting for item in selected]
    supplied = [mutant for each in config.hook.pytest_claims_mutants() for mutant in each]
    return {
        "asked": {
            "items": key(items=sorted(f"{placed(item).scale} {name_of(item)}" for item in selected)),
            "options": {name: value for name, value in asdict(chosen).items() if name not in UNRECORDED},
            "code": key(session=fingerprint.of_code(SESSION), claims=_sources(item.path.parent for item in selected)),
        },
        "known": {
            name: {
                "says": mutant.says,
                "spoils": mutant.spoils,
                "blunt": mutant.blunt,
                "caught_by": mutant.caught_by,
                "concerns": any(mutant.concerns(setting) for setting in settings),
                "code": _code(mutant),
            }
            for name, mutant in find.mutants(supplied).items()
        },
    }


def _sources(folders: Iterable[Path]) -> dict[str, str]:
    """Fingerprints of the Python files in some folders."""
    files = {path for folder in set(folders) for path in folder.glob("*.py")}
    return {str(path.relative_to(path.parents[1])): _fingerprint(path) for path in sorted(files)}


def _code(mutant: Mutant) -> str:
    """A digest of the files that its functions stand in, and of what it says of itself."""
    functions = (mutant.setting, mutant.replacement, mutant.within)
    files = {Path(code.co_filename) for each in functions if (code := getattr(each, "__code__", None))}
    about = (mutant.name, mutant.says, mutant.spoils, mutant.blunt, mutant.caught_by)
    return key(about=about, files=sorted(_fingerprint(path) for path in files))


def _fingerprint(path: Path) -> str:
    return fingerprint.of_source(path.read_text(encoding="utf-8"))


def price(items: Iterable[pytest.Function], config: pytest.Config) -> dict[str, Any]:
    """What these items would cost, see `memorization_claims.price.bill`; `stages` has the stage of each."""
    from memorization_claims.price.bill import bill
    from memorization_claims.session import stages
    from memorization_claims.session.asked import asked
    from memorization_claims.session.laboratory import laboratory_of

    chosen, priced = config.stash[stash.OPTIONS], list(items)
    # Of the items of one stage none comes before another.
    staged = [chosen.stage] * len(priced) if chosen.stage else stages.of(config, priced)
    wanted = [asked(item, stage) for item, stage in zip(priced, staged, strict=True)]
    return bill(wanted, laboratory_of(config), chosen.base_seed) | {"stages": staged}


def training(items: Iterable[pytest.Function], config: pytest.Config) -> dict[str, Any]:
    """The `price` of those of these items that would be judged, and what a `filling.place.Place` is made of.

    Missing data are fetched where that is allowed, once and not by each worker.

    Raises:
        SettingError: there is a mutant, or no item would be judged.
    """
    from memorization_claims.session.laboratory import laboratory_of

    chosen, selected = config.stash[stash.OPTIONS], list(items)
    if chosen.mutant:
        raise SettingError("nothing is trained beforehand under a mutant; legal is claims train without one")
    skips = [item.get_closest_marker("skip") for item in selected]
    judged = [item for item, skip in zip(selected, skips, strict=True) if skip is None]
    if selected and not judged:
        raise SettingError(next(skip.kwargs.get("reason", "all items are skipped") for skip in skips if skip))
    laboratory = laboratory_of(config)
    if chosen.download:
        for name in {setting.dataset for item in judged if isinstance(setting := placed(item).setting, Plan)}:
            laboratory.source(name)
    return {
        "price": price(judged, config),
        "store": str(chosen.store.absolute()),
        "data_root": str(chosen.data_root.absolute()),
        "device": chosen.device,
        "arithmetic": asdict(chosen.arithmetic),
        "readings": [[name, reading.range, reading.layout] for name, reading in laboratory.readings.items()],
        "paths": [os.path.abspath(path) for path in sys.path],
    }
