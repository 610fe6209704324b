"""What mutants make of kernel fits, and of a function of `memorization_claims.measures.kernels`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from memorization_claims.plan.plan import Plan, Setting
from memorization_claims.spec.kernel import KernelSpec

Fields = Mapping[str, Any]


def narrow(setting: Setting) -> Setting:
    """A bandwidth at which the kernel matrix is all but the identity, whatever was asked for."""
    return _of_fits(setting, lambda fields: {**fields, "bandwidth": 0.01})


def swamped(setting: Setting) -> Setting:
    """Where there was a ridge at all, one larger than anything in the kernel matrix."""
    return _of_fits(setting, lambda fields: {**fields, "ridge": 1e3} if fields.get("ridge", 0.0) != 0.0 else fields)


def on_the_data(setting: Setting) -> Setting:
    """Basis functions on the points that are fitted."""
    return _of_fits(setting, lambda fields: {**fields, "centres": "data"} if "centres" in fields else fields)


def _of_fits(setting: Setting, change: Callable[[Fields], Fields]) -> Setting:
    """Change the fields that each condition replaces, where kernels are fitted."""
    if not (isinstance(setting, Plan) and isinstance(setting.base, KernelSpec)):
        return setting
    return replace(setting, conditions={name: change(fields) for name, fields in setting.conditions.items()})


def transforms(setting: Setting) -> bool:
    """Whether it asks for fits on anything but pixels."""
    if not (isinstance(setting, Plan) and isinstance(setting.base, KernelSpec)):
        return False
    return any(specs[0].features != "pixels" for specs in setting.specs(0).values())


def shuffled(feature_blocks: Callable[..., Any]) -> Callable[..., Any]:
    """Features, other than pixels, of images whose neighbouring pixels are neighbours no more."""

    def blocks(spec: Any, images: Any, training: slice) -> Any:
        import torch

        from memorization_claims.seed import torch_generator

        if spec.features != "pixels":
            order = torch.randperm(images[0, 0].numel(), generator=torch_generator(spec.seed, "pixels"))
            images = images.flatten(2)[..., order.to(images.device)].reshape(images.shape)
        return feature_blocks(spec, images, training)

    return blocks
