"""Which names a model can have; needs no torch."""

from __future__ import annotations

import re
from importlib.util import find_spec

from harness.errors import SettingError

PATTERNS = {
    "mlp-DxW": r"mlp-(\d+)x([1-9]\d*)",
    "cnn[-bn]-W": r"cnn(-bn)?-([1-9]\d*)",
    "inception[-nobn][-W]": r"inception(-nobn)?(?:-([1-9]\d*))?",
    "alexnet[-W]": r"alexnet(?:-([1-9]\d*))?",
    "arpit-cnn": r"arpit-cnn",
    "vgg11": r"vgg11",
    "vgg13": r"vgg13",
    "vgg3-W": r"vgg3-([1-9]\d*)",
    "vgg6-W": r"vgg6-([1-9]\d*)",
    "resnet32": r"resnet32",
    "resnet8-W": r"resnet8-([1-9]\d*)",
}


def check_model(name: str) -> None:
    """Raise SettingError unless the name is one of ours or that of a factory whose module can be found."""
    if any(re.fullmatch(pattern, name) for pattern in PATTERNS.values()):
        return
    legal = f"legal are {', '.join(PATTERNS)} (D layers of W units or channels), or package.module:factory"
    module, colon, factory = name.partition(":")
    if not (colon and factory.isidentifier() and all(part.isidentifier() for part in module.split("."))):
        raise SettingError(f"unknown model {name!r}; {legal}")
    try:
        found = find_spec(module) is not None
    except ImportError:
        found = False
    if not found:
        raise SettingError(f"model {name!r}: there is no module {module!r} on the path; {legal}")
