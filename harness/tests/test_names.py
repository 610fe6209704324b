"""The index of short names: every place is there, looking up imports nothing, and unknown names are refused."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from memorization_claims.data.sources.kind import Kind as DataKind
from memorization_claims.errors import SettingError
from memorization_claims.generators.kind import Kind as GeneratorKind
from memorization_claims.spec import named, names
from memorization_claims.spec.facts import Facts

MODELS = {
    "mlp-0x3": {"depth": 0, "width": 3},
    "mlp-12x512": {"depth": 12, "width": 512},
    "cnn-16": {"width": 16},
    "cnn-bn-16": {"width": 16, "batch_norm": True},
    "inception": {},
    "inception-8": {"width": 8},
    "inception-nobn": {"batch_norm": False},
    "inception-nobn-8": {"batch_norm": False, "width": 8},
    "alexnet": {},
    "alexnet-8": {"width": 8},
    "arpit-cnn": {},
    "arpit-cnn-8": {"width": 8},
    "vgg11": {},
    "vgg13": {},
    "vgg3-4": {"convolutions": 1, "width": 4},
    "vgg6-4": {"convolutions": 2, "width": 4},
    "resnet32": {"width": 16, "blocks": 5},
    "resnet8-4": {"width": 4, "blocks": 1},
}
LOOK_UPS: dict[str, Callable[[str], Any]] = {
    "model": names.model,
    "corruption": names.corruption,
    "dataset": names.dataset,
    "generator": names.generator,
}


@pytest.mark.parametrize(("name", "options"), MODELS.items())
def test_the_name_of_a_model_tells_its_options(name: str, options: dict[str, int | bool]) -> None:
    """Numbers in the name are options, and the place is a function that takes them."""
    place, found = names.model(name)
    assert found == options
    assert callable(named.look_up("model", place))


def test_every_model_is_looked_up_above() -> None:
    """No line of the table is left out."""
    assert len(MODELS) == len(names.MODELS) + 1  # one form is there with two depths


def test_every_place_holds_what_it_should() -> None:
    """Corruptions say what they touch, data sets are functions or kinds, generators are kinds."""
    for kind in names.CORRUPTIONS:
        assert isinstance(vars(named.find("corruption", names.corruption(kind)))["facts"], Facts)
    for name in (*names.DATASETS, "some.npz"):
        found = named.look_up("dataset", names.dataset(name))
        assert isinstance(found, DataKind) or callable(found)
    for kind in names.GENERATORS:
        assert isinstance(named.look_up("generator", names.generator(kind)), GeneratorKind)


@pytest.mark.parametrize("what", LOOK_UPS)
def test_a_users_place_stands_for_itself(what: str) -> None:
    """`package.module:name` is its own place, without options; nothing there is looked at."""
    assert LOOK_UPS[what]("json.decoder:absent") in ("json.decoder:absent", ("json.decoder:absent", {}))


@pytest.mark.parametrize(
    ("what", "legal"),
    [
        ("model", f"legal are {names.legal_models()}, or package.module:factory"),
        ("corruption", f"legal are {', '.join(names.CORRUPTIONS)}, or package.module:function"),
        ("dataset", "legal are digits, mnist, cifar10, the path of an .npz file, or package.module:function"),
        ("generator", "legal are pca, dcgan, or package.module:NAME"),
    ],
)
def test_an_unknown_name_is_told_with_the_legal_ones(what: str, legal: str) -> None:
    """Neither a name that is not in the table, nor one that is nearly a place, nor one whose module is not there."""
    for name in ("unheard-of", "", "a:b:c", ":f", "a:", "a b:c"):
        with pytest.raises(SettingError) as told:
            LOOK_UPS[what](name)
        assert str(told.value) == f"unknown {what} {name!r}; {legal}"
    with pytest.raises(SettingError) as told:
        LOOK_UPS[what]("no_such_module:f")
    assert str(told.value) == f"{what} 'no_such_module:f': there is no module 'no_such_module' on the path; {legal}"


def test_looking_up_imports_nothing() -> None:
    """Whoever asks where something is waits neither for it nor for the libraries that it needs."""
    script = f"""
import sys
from memorization_claims.spec import names
before = set(sys.modules)
for name in {list(MODELS)!r}:
    names.model(name)
for table, look_up in ((names.CORRUPTIONS, names.corruption), (names.DATASETS, names.dataset),
                       (names.GENERATORS, names.generator)):
    for name in table:
        look_up(name)
print(sorted(set(sys.modules) - before), {{"torch", "numpy"}} & set(sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[] set()\n"
