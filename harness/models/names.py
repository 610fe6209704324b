"""Which names a model can have; needs no torch."""

from __future__ import annotations

import re

from memorization_claims.spec import named

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
    named.check("model", name, legal)
