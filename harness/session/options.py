"""The options of a session, checked before torch is imported or anything is trained."""

from __future__ import annotations

import math
import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from memorization_claims.controls.find import find
from memorization_claims.data import source
from memorization_claims.errors import DataError, SettingError
from memorization_claims.plan.plan import Plan, Setting
from memorization_claims.session import devices
from memorization_claims.spec import named, names
from memorization_claims.spec.recipe import OPTIMIZERS
from memorization_claims.statistics.sign_flip import MOST_SEEDS


@dataclass(frozen=True, kw_only=True)
class Options:
    """What the user asked for."""

    dataset: str | None
    data_root: Path
    download: bool
    model: str | None
    optimizer: str | None
    rate: float | None
    device: str
    """cpu, cuda or cuda:N: what `auto` came to."""
    insists_on_cpu: bool
    """The user asked for the CPU, so that fullscale claims run on it."""
    seeds: int | None
    base_seed: int
    store: Path
    report: Path | None
    placebo: bool
    mutant: str | None
    allow_inconclusive: bool

    @property
    def fullscale_skip(self) -> str | None:
        """Why fullscale claims are skipped, if they are."""
        if self.device != "cpu" or self.insists_on_cpu:
            return None
        return "a fullscale claim needs a GPU and there is none; --device cpu runs it on the CPU all the same"

    def changes(self, setting: Setting) -> bool:
        """What was found for a claim says nothing here: a control, or nets that are the user's or are trained so."""
        return bool(self.placebo or self.mutant) or self._models(setting) or self._trains(setting)

    def _models(self, setting: Setting) -> bool:
        """A model of the user's is trained: conditions that are about a model of their own keep it."""
        if not (self.model and isinstance(setting, Plan) and setting.trains):
            return False
        return any("model" not in changes for changes in setting.conditions.values())

    def _trains(self, setting: Setting) -> bool:
        """Nets are trained in a way of the user's."""
        return bool(self._training and isinstance(setting, Plan) and setting.trains)

    @property
    def _training(self) -> dict[str, Any]:
        """The fields of every recipe that the user chose."""
        chosen = {"optimizer": self.optimizer, "rate": self.rate}
        return {name: value for name, value in chosen.items() if value is not None}

    def departures(self, setting: Setting) -> tuple[str, ...]:
        """What the options put in the place of what the claim states."""
        if not isinstance(setting, Plan):
            return ()
        data = (f"judged on {self.dataset}, chosen by the user",) if self.dataset and not setting.needs_data else ()
        model = (f"judged with the model {self.model}, chosen by the user",) if self._models(setting) else ()
        recipe = (f"trained with {name} {value}, chosen by the user" for name, value in self._training.items())
        return (*data, *model, *(recipe if self._trains(setting) else ()))

    def setting(self, setting: Setting) -> Setting:
        """What a claim asks for, with the user's data, model, optimizer, rate and seeds."""
        if isinstance(setting, Plan):
            if self.dataset and not setting.needs_data:
                setting = setting.changed(data=self.dataset)
            if self._models(setting):
                setting = setting.changed(model=self.model)
            if self._trains(setting):
                setting = setting.trained(**self._training)
        return replace(setting, seeds=self.seeds) if self.seeds else setting

    def broken(self, setting: Setting) -> Setting:
        """What a claim asks for after the mutant, if there is one."""
        return find(self.mutant).setting(setting) if self.mutant else setting

    def spares(self, setting: Setting) -> bool:
        """Whether there is a mutant and it has nothing to break here."""
        return bool(self.mutant) and not find(str(self.mutant)).concerns(setting)


def add(parser: pytest.Parser) -> None:
    """Declare the options."""
    group = parser.getgroup("claims", "claims about memorization")
    group.addoption("--dataset", metavar="NAME", help="digits (default), mnist, cifar10, or the path of an .npz file")
    group.addoption(
        "--data-root",
        metavar="DIR",
        help=f"folder of data sets (default: ${source.ROOT_VARIABLE}, else one in ~/.cache)",
    )
    group.addoption("--download", action="store_true", help="let torchvision fetch missing data into the data root")
    group.addoption(
        "--model", metavar="NAME", help="train this model in every claim about nets; package.module:factory for yours"
    )
    group.addoption(
        "--optimizer",
        metavar="NAME",
        help="train with it in every claim about nets: sgd, adam, or package.module:factory for yours",
    )
    group.addoption("--rate", type=float, metavar="R", help="learning rate of every claim instead of its own")
    group.addoption("--device", default="auto", metavar="NAME", help="auto (default), cpu, cuda or cuda:N")
    group.addoption("--seeds", type=int, metavar="N", help="seeds of every claim instead of its own number")
    group.addoption("--base-seed", type=int, default=0, metavar="N", help="first seed (default 0)")
    group.addoption("--store", metavar="DIR", help="folder that keeps trained runs (default .claims/store)")
    group.addoption("--report", metavar="DIR", help="write verdicts.json, report.html and report.md there")
    group.addoption("--placebo", action="store_true", help="control: exchange conditions at random within each seed")
    group.addoption(
        "--mutant",
        metavar="NAME",
        help="control: break the science in a named way; see `claims mutants`; package.module:NAME for yours",
    )
    group.addoption("--allow-inconclusive", action="store_true", help="inconclusive claims leave the exit status 0")


def read(config: pytest.Config) -> Options:
    """Check the options.

    Raises:
        SettingError: for a value that is not legal, naming those that are.
        DataError: where the data set asked for is missing.
    """
    get = config.getoption
    root = Path(get("--data-root")) if get("--data-root") else source.default_root()
    if get("--seeds") is not None and not 1 <= get("--seeds") <= MOST_SEEDS:
        raise SettingError(f"--seeds is {get('--seeds')}; legal is 1 to {MOST_SEEDS}")
    if get("--base-seed") < 0:
        raise SettingError(f"--base-seed is {get('--base-seed')}; legal is 0 or more")
    if dataset := get("--dataset"):
        sys.path.append(str(config.invocation_params.dir))
        source.check_name(dataset)
        if dataset.endswith(".npz"):
            dataset = str(Path(config.invocation_params.dir, dataset))
        if not (source.available(dataset, root) or (get("--download") and not dataset.endswith(".npz"))):
            raise DataError(source.remedy(dataset, root))
    if model := get("--model"):
        sys.path.append(str(config.invocation_params.dir))
        names.model(model)
    if optimizer := get("--optimizer"):
        sys.path.append(str(config.invocation_params.dir))
        if optimizer not in OPTIMIZERS:
            named.check("optimizer", optimizer, f"legal are {', '.join(OPTIMIZERS)}, or package.module:factory")
    if get("--rate") is not None and not 0 <= get("--rate") < math.inf:
        raise SettingError(f"--rate is {get('--rate')}; legal is a finite number, 0 or more")
    if get("--mutant"):
        sys.path.append(str(config.invocation_params.dir))
        find(get("--mutant"))
    store, report = (_folder(config, name) for name in ("--store", "--report"))
    return Options(
        dataset=dataset,
        data_root=root,
        download=get("--download"),
        model=model,
        optimizer=optimizer,
        rate=get("--rate"),
        device=devices.choose(get("--device"), os.environ),
        insists_on_cpu=get("--device") == "cpu",
        seeds=get("--seeds"),
        base_seed=get("--base-seed"),
        store=store or config.rootpath / ".claims/store",
        report=report,
        placebo=get("--placebo"),
        mutant=get("--mutant"),
        allow_inconclusive=get("--allow-inconclusive"),
    )


def _folder(config: pytest.Config, option: str) -> Path | None:
    """The folder that an option names, after a look whether it can be written or made."""
    if not (given := config.getoption(option)):
        return None
    folder = Path(config.invocation_params.dir, given)
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if not there.is_dir():
        raise SettingError(f"{option} is {folder} and {there} is a file; legal is a folder that can be written or made")
    if not os.access(there, os.W_OK | os.X_OK):
        raise SettingError(f"{option} is {folder} and {there} cannot be written; legal is a folder that can be")
    return folder
