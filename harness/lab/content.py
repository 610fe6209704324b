"""The keys of runs, fits and generators: all that decides their numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import torch

from memorization_claims.spec import names
from memorization_claims.spec.arithmetic import PLAIN, Arithmetic
from memorization_claims.spec.data import DataSpec
from memorization_claims.spec.generator import GeneratorSpec
from memorization_claims.spec.kernel import KernelSpec
from memorization_claims.spec.run import RunSpec
from memorization_claims.store import fingerprint
from memorization_claims.store.key import key

CODE = {
    RunSpec: "memorization_claims.training.cohort",
    KernelSpec: "memorization_claims.measures.kernels.fit",
    GeneratorSpec: "memorization_claims.generators.generator",
}
"""The module that makes what a spec names; what it imports counts too."""
DATA = "memorization_claims.data.dataset"


def key_of(
    spec: RunSpec | KernelSpec | GeneratorSpec,
    digest: str,
    device: torch.device,
    patched: str,
    arithmetic: Arithmetic = PLAIN,
    of_code: Callable[..., str] = fingerprint.of_code,
) -> str:
    """The name of a run, a fit or a generator in the store.

    Args:
        spec: what is made.
        digest: of its data set.
        device: what it is made on, of which the kind counts.
        patched: the mutant that has patched the code that makes it, if one has.
        arithmetic: in which it is made; whether steps are compiled counts for runs alone.
        of_code: the fingerprint of modules.
    """
    how = arithmetic if isinstance(spec, RunSpec) else replace(arithmetic, compiled=False)
    return key(
        spec=spec.to_dict() | {"data": digest},
        code=of_code(CODE[type(spec)], DATA),
        named={place: of_code(place.partition(":")[0]) for place in sorted(_named(spec))},
        options=names.model(spec.model)[1] if isinstance(spec, RunSpec) else {},
        versions={"torch": torch.__version__, "numpy": np.__version__},
        device=device.type if how == PLAIN else f"{device.type}, {how}",
        patched=patched,
    )


def _named(spec: DataSpec) -> Iterator[str]:
    """The places, as `package.module:name`, that a spec names or that its names stand for."""
    yield names.corruption(spec.corruption.kind)
    if isinstance(spec, GeneratorSpec):
        yield names.generator(spec.kind)
    if isinstance(spec, RunSpec):
        yield names.model(spec.model)[0]
        chosen = (spec.recipe.optimizer, *spec.record.probes, *spec.record.gradient_probes)
        yield from (name for name in chosen if ":" in name)
