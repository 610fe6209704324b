"""The mutant of a session: one of ours, or one that a hook adds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from memorization_claims.errors import SettingError
from memorization_claims.session import stash

if TYPE_CHECKING:
    from memorization_claims.controls.mutant import Mutant


def known(config: pytest.Config) -> dict[str, Mutant]:
    """Every mutant by name: ours, and those of `pytest_claims_mutants`.

    Raises:
        SettingError: where two have one name.
    """
    from memorization_claims.controls.mutant import MUTANTS

    found = dict(MUTANTS)
    for made in config.hook.pytest_claims_mutants():
        for mutant in made:
            if mutant.name in found:
                raise SettingError(f"two mutants are named {mutant.name!r}; legal is a name of its own for each")
            found[mutant.name] = mutant
    return found


def mutant_of(config: pytest.Config) -> Mutant | None:
    """The mutant that --claims-mutant names; None without.

    Raises:
        SettingError: for an unknown name.
    """
    name = config.stash[stash.OPTIONS].mutant
    if not name:
        return None
    if name not in (mutants := known(config)):
        raise SettingError(f"unknown mutant {name!r}; legal are {', '.join(mutants)}")
    return mutants[name]
