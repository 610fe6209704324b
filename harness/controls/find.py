"""The mutants that there are: ours, which stand beside what they break, and those that others supply."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module

from memorization_claims.controls.mutant import Mutant
from memorization_claims.errors import SettingError

MODULES = (
    "memorization_claims.data.mutants",
    "memorization_claims.models.mutants",
    "memorization_claims.training.mutants",
    "memorization_claims.generators.mutants",
    "memorization_claims.measures.constructions.mutants",
    "memorization_claims.measures.kernels.mutants",
    "memorization_claims.measures.dissection.mutants",
    "memorization_claims.measures.loss_sensitivity.mutants",
    "memorization_claims.measures.nets.mutants",
    "memorization_claims.lab.mutants",
    "memorization_claims.statistics.mutants",
    "memorization_claims.judging.mutants",
)
"""Each has a tuple `MUTANTS`. They import what they break, and so torch: only where a mutant is asked for."""


def mutants(supplied: Iterable[Mutant] = ()) -> dict[str, Mutant]:
    """All mutants by name, ours first.

    Args:
        supplied: those of others.

    Raises:
        SettingError: for a supplied one that is no Mutant, and for two of one name.
    """
    ours = [mutant for module in MODULES for mutant in import_module(module).MUTANTS]
    by_name: dict[str, Mutant] = {}
    for mutant in (*ours, *supplied):
        if not isinstance(mutant, Mutant):
            raise SettingError(f"a supplied mutant is {mutant!r}; legal is a Mutant")
        if by_name.setdefault(mutant.name, mutant) is not mutant:
            raise SettingError(f"two mutants have the name {mutant.name!r}; legal is a name that no other has")
    return by_name


def find(name: str, supplied: Iterable[Mutant] = ()) -> Mutant:
    """A mutant by its name, or one that nobody supplied by its place.

    Args:
        name: of a mutant, or `package.module:NAME` of a Mutant that is importable.
        supplied: mutants of others, which a name may mean too.

    Raises:
        SettingError: for an unknown name, a place without a Mutant, and as `mutants`.
    """
    if ":" in name:
        there = _at(name)
        return mutants((*supplied, there))[there.name]
    known = mutants(supplied)
    if name not in known:
        raise SettingError(f"unknown mutant {name!r}; legal are {', '.join(known)}, or package.module:NAME")
    return known[name]


def _at(place: str) -> Mutant:
    """The Mutant at `package.module:NAME`."""
    module, _, name = place.partition(":")
    try:
        mutant = getattr(import_module(module), name, None)
    except (ImportError, ValueError) as error:
        raise SettingError(f"mutant {place!r}: {error}; legal is package.module:NAME of a Mutant") from error
    if not isinstance(mutant, Mutant):
        raise SettingError(f"mutant {place!r}: {module} has no Mutant {name!r}; legal is package.module:NAME of one")
    return mutant
