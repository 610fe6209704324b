"""The options of a session: declared, parsed and checked before torch is imported or anything is trained."""

from __future__ import annotations

import math
import os
import random
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from memorization_claims.errors import DataError, SettingError
from memorization_claims.session.root import root_of
from memorization_claims.spec.arithmetic import Arithmetic, arithmetic_of

if TYPE_CHECKING:
    from memorization_claims.data.reading import Layout, Range

BASE_SEED = 2_000_000
"""The first seed of a session: recipes and margins were settled at lower ones, so that verdicts are new to them."""

RANDOM = "random"
"""The base seed that is drawn for the session."""
FRESH = 2**31 - 2**20
"""A base seed that is drawn lies below, so that its seeds are legal everywhere."""
DRAWN = "claims_base_seed"
"""The key of the base seed in what a worker is handed."""
MOST_ALPHA = 0.05
"""The level of a session's seeded tests is no higher."""


def base_seed(text: str) -> int | str:
    """A whole number, or a word that is checked later."""
    return text if text == RANDOM else int(text)


DECLARED: dict[str, dict[str, Any]] = {
    "dataset": {
        "metavar": "NAME",
        "help": "digits, mnist, cifar10, the path of an .npz file, or package.module:function",
    },
    "pixel-range": {
        "metavar": "LOW,HIGH",
        "help": "lowest and highest value of its pixels, where they do not tell; --claims-pixel-range=-1,1 below 0",
    },
    "layout": {
        "metavar": "ORDER",
        "help": "channels-first or channels-last, where the shape of its images does not tell",
    },
    "data-root": {
        "metavar": "DIR",
        "help": "folder of data sets (default: $MEMORIZATION_CLAIMS_DATA, else one in ~/.cache)",
    },
    "download": {"action": "store_true", "help": "let torchvision fetch missing data into the data root"},
    "model": {
        "metavar": "NAME",
        "help": "train this model in every claim about nets; package.module:factory for yours",
    },
    "optimizer": {
        "metavar": "NAME",
        "help": "train with it in every claim about nets, at its own rate unless --claims-rate is given: sgd, adam, or "
        "package.module:factory for yours, as torch.optim:AdamW",
    },
    "rate": {"type": float, "metavar": "R", "help": "learning rate of every claim instead of its own"},
    "device": {"default": "auto", "metavar": "NAME", "help": "auto (default), cpu, cuda or cuda:N"},
    "precision": {
        "metavar": "NAME",
        "help": "of products and convolutions: float32, tf32 or bfloat16 (default tf32 on a GPU, float32 on a CPU)",
    },
    "compiled": {
        "metavar": "yes|no",
        "help": "whether steps of nets that are trained one after another are compiled (default yes on a GPU alone)",
    },
    "seeds": {"type": int, "metavar": "N", "help": "one look at every claim, at so many seeds, instead of several"},
    "base-seed": {
        "type": base_seed,
        "default": BASE_SEED,
        "metavar": "N",
        "help": f"first seed (default {BASE_SEED}: recipes and margins were settled at lower ones), or `random`, "
        "which is printed",
    },
    "seed": {"type": int, "metavar": "N", "help": "call seeded tests at this seed alone, and judge nothing"},
    "alpha": {
        "type": float,
        "metavar": "A",
        "help": "the chance that the session refutes what is true, split evenly among its seeded tests "
        "(default 0.0005 for each)",
    },
    "store": {"metavar": "DIR", "help": "folder that keeps trained runs (default .claims/store)"},
    "report": {"metavar": "DIR", "help": "write verdicts.json, report.html and report.md there"},
    "only": {
        "action": "append",
        "metavar": "ID[,ID...]",
        "help": "judge these claims or items alone, by their exact ids, as Z18 or A16[mlp-2x128-randX]",
    },
    "stage": {
        "type": int,
        "metavar": "N",
        "help": "of the selected items judge those of stage N alone: 1 is the cheaper half, each next one the cheaper "
        "half of what is left then, by what an item's first look costs; those that share a run pay equal parts of it",
    },
    "placebo": {"action": "store_true", "help": "control: exchange conditions at random within each seed"},
    "aa": {
        "action": "store_true",
        "help": "control, an A/A test: in both arms of a comparison the same condition, at different seeds",
    },
    "placebo-seed": {
        "type": int,
        "metavar": "N",
        "help": "draw another placebo or A/A test of the same runs (default 0)",
    },
    "mutant": {
        "metavar": "NAME",
        "help": "control: break the science in a named way; see `claims mutants`; package.module:NAME for yours",
    },
    "allow-undecided": {"action": "store_true", "help": "undecided claims leave the exit status 0"},
}
"""Every option by its name after `--claims-`, as argparse takes it."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """What the user asked for."""

    dataset: str | None
    pixel_range: Range | None
    layout: Layout | None
    data_root: Path
    download: bool
    model: str | None
    optimizer: str | None
    rate: float | None
    device: str
    """cpu, cuda or cuda:N: what `auto` came to."""
    arithmetic: Arithmetic
    insists_on_cpu: bool
    """The user asked for the CPU, so that fullscale claims run on it."""
    seeds: int | None
    base_seed: int
    fresh: bool
    """The base seed was drawn for the session."""
    seed: int | None
    """The only seed of seeded tests."""
    alpha: float | None
    """The level that seeded tests split; None for ours for each."""
    store: Path
    report: Path | None
    only: tuple[str, ...]
    """Ids of claims or items; empty for all."""
    stage: int | None
    placebo: bool
    aa: bool
    placebo_seed: int | None
    mutant: str | None
    allow_undecided: bool

    @property
    def fullscale_skip(self) -> str | None:
        """Why fullscale claims are skipped, if they are."""
        if self.device != "cpu" or self.insists_on_cpu:
            return None
        return "a fullscale claim needs a GPU and there is none; --claims-device cpu runs it on the CPU all the same"


def add(parser: pytest.Parser) -> None:
    """Declare every option as `--claims-...`, so that none is another plugin's."""
    group = parser.getgroup("claims", "claims about memorization")
    for name, declared in DECLARED.items():
        group.addoption(f"--claims-{name}", dest=_place(name), **declared)


def add_short(parser: pytest.Parser) -> None:
    """Declare every option by a short name too: `--store` for `--claims-store`, and `--claim` for `--claims-only`.

    Short names may be another plugin's, so this is called by a repository's own conftest.py or by nobody.
    """
    group = parser.getgroup("claims", "claims about memorization")
    for name, declared in DECLARED.items():
        short = "claim" if name == "only" else name
        group.addoption(f"--{short}", dest=_place(name), **{**declared, "help": f"the same as --claims-{name}"})


def _place(name: str) -> str:
    """The attribute that holds an option's value."""
    return f"claims_{name.replace('-', '_')}"


def read(config: pytest.Config) -> Options:
    """Check the options, all but the mutant.

    Raises:
        SettingError: for a value that is not legal, naming those that are.
        DataError: where the data set asked for is missing.
    """
    from memorization_claims.session import devices, places

    given = {name: config.getoption(_place(name)) for name in DECLARED}
    root = places.data_root(given["data-root"], download=given["download"])
    fresh = _draw_base_seed(config, given)
    _check_numbers(given)
    _check_training(config, given)
    device = devices.choose(given["device"], os.environ)
    return Options(
        dataset=_dataset(config, given, root),
        pixel_range=_reading(given),
        data_root=root,
        device=device,
        arithmetic=arithmetic_of(device, given["precision"], given["compiled"]),
        insists_on_cpu=given["device"] == "cpu",
        base_seed=given["base-seed"],
        fresh=fresh,
        store=places.writable(config, "store", given["store"]) or root_of(config) / ".claims/store",
        report=places.writable(config, "report", given["report"]),
        only=_ids(given["only"] or ()),
        placebo_seed=given["placebo-seed"],
        allow_undecided=given["allow-undecided"],
        **{
            name: given[name]
            for name in (
                *("layout", "download", "model", "optimizer", "rate", "seeds", "seed", "alpha", "stage", "placebo"),
                *("aa", "mutant"),
            )
        },
    )


def _draw_base_seed(config: pytest.Config, given: dict[str, Any]) -> bool:
    """Draw the base seed where that is asked for; a worker takes the one that its session drew."""
    if given["base-seed"] != RANDOM:
        return False
    handed = getattr(config, "workerinput", {}).get(DRAWN)
    given["base-seed"] = random.SystemRandom().randrange(FRESH) if handed is None else handed
    return True


def _check_numbers(given: dict[str, Any]) -> None:
    for least, names in ((1, ("seeds", "stage")), (0, ("base-seed", "seed", "placebo-seed"))):
        for name in names:
            if given[name] is not None and given[name] < least:
                raise SettingError(f"--claims-{name} is {given[name]}; legal is {least} or more")
    if given["placebo"] and given["aa"]:
        raise SettingError("--claims-placebo and --claims-aa are two controls; legal is one of them")
    if given["placebo-seed"] is not None and not (given["placebo"] or given["aa"]):
        raise SettingError("--claims-placebo-seed is said of --claims-placebo or --claims-aa, which is not given")
    if given["alpha"] is not None and not 0 < given["alpha"] <= MOST_ALPHA:
        raise SettingError(f"--claims-alpha is {given['alpha']}; legal is above 0 and at most {MOST_ALPHA}")
    if given["rate"] is not None and not 0 <= given["rate"] < math.inf:
        raise SettingError(f"--claims-rate is {given['rate']}; legal is a finite number, 0 or more")


def _dataset(config: pytest.Config, given: dict[str, Any], root: Path) -> str | None:
    """The data set asked for, a file by its whole path. It has to be there, or to be one that may be fetched."""
    name: str | None = given["dataset"]
    if not name:
        return None
    from memorization_claims.data import source
    from memorization_claims.spec import paths

    source.check_name(name)
    if name.endswith(".npz"):
        name = str(Path(config.invocation_params.dir, paths.expanded("--claims-dataset", name)))
    if not (source.available(name, root) or (given["download"] and not name.endswith(".npz"))):
        raise DataError(source.remedy(name, root))
    return name


def _reading(given: dict[str, Any]) -> Range | None:
    """The range of the pixels of the data set asked for; what is said of its layout is checked too."""
    for name in ("pixel-range", "layout"):
        if given[name] and not given["dataset"]:
            raise SettingError(f"--claims-{name} is said of the data set of --claims-dataset, which is not given")
    if not given["dataset"]:
        return None
    from memorization_claims.data.reading import Layout, as_range
    from memorization_claims.spec.checks import legal

    if given["layout"]:
        legal("--claims-layout", given["layout"], Layout)
    text = given["pixel-range"]
    if text and (found := as_range(text.split(","))):
        return found
    if text is not None:
        raise SettingError(f"--claims-pixel-range is {text!r}; legal is LOW,HIGH, two numbers, the lower first")
    return None


def _check_training(config: pytest.Config, given: dict[str, Any]) -> None:
    """Check the names of model and optimizer. The user's modules are imported from where pytest was called."""
    if any(given[name] for name in ("dataset", "model", "optimizer", "mutant")):
        sys.path.append(str(config.invocation_params.dir))
    if given["model"]:
        from memorization_claims.spec import names

        names.model(given["model"])
    if given["optimizer"]:
        from memorization_claims.spec import named
        from memorization_claims.spec.recipe import OPTIMIZERS

        if given["optimizer"] == "sgd" and given["rate"] is None:
            raise SettingError("--claims-optimizer is sgd, which has no rate of its own; give --claims-rate too")
        if given["optimizer"] not in OPTIMIZERS:
            legal = f"legal are {', '.join(OPTIMIZERS)}, or package.module:factory"
            named.check("optimizer", given["optimizer"], legal)


def _ids(given: list[str] | tuple[()]) -> tuple[str, ...]:
    """The ids of `Z18,A16[mlp-2x128,randX]`, each once: a comma in brackets belongs to its id."""
    ids = (each.strip() for text in given for each in re.split(r",(?![^\[]*\])", text))
    return tuple(dict.fromkeys(each for each in ids if each))
