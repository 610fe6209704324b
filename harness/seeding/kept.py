"""Numbers of a test that are stored, by all that decides them: the function with its code, its arguments, the seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from memorization_claims.errors import SettingError
from memorization_claims.store.key import key
from memorization_claims.store.store import Store


@dataclass(frozen=True)
class Found:
    """The numbers of one seed."""

    numbers: dict[str, float]
    seconds: float
    """What they took when they were computed."""


class Kept:
    """The stored numbers of one test.

    Args:
        store: which holds them, among the values that are measured from runs.
        function: of the test, without its decorator. Its key covers the code of its module and of all that this
            imports, as far as it is not installed, the versions of what is, its defaults, and what it closes over.
        arguments: its arguments but the seed, by name.

    Raises:
        SettingError: something of it cannot be named in a key.
    """

    def __init__(self, store: Store, function: Callable[..., object], arguments: Mapping[str, Any]) -> None:
        self._store = store
        try:
            self._about = key(function=function, arguments=dict(arguments))
        except SettingError as error:
            raise SettingError(f"store=True: {error}") from error

    def load(self, seed: int) -> Found | None:
        """The numbers at a seed, if they are there."""
        arrays = self._store.load_value(self._key(seed))
        if arrays is None:
            return None
        return Found({name: float(array) for name, array in arrays.items()}, self._store.spared[-1])

    def save(self, seed: int, numbers: Mapping[str, float], seconds: float) -> None:
        """Keep the numbers of a seed."""
        arrays = {name: np.array(number) for name, number in numbers.items()}
        self._store.save_value(self._key(seed), arrays, seconds=seconds)

    def _key(self, seed: int) -> str:
        return key(seeded=self._about, seed=seed)
