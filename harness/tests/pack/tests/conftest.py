"""A mutant of this pack. Claims need no conftest; pytest finds hooks in one, or in an installed plugin."""

from collections.abc import Callable

import numpy as np
from forgetting import events

from memorization_claims import Mutant


def never(count: Callable[[np.ndarray], np.ndarray]) -> Callable[[np.ndarray], np.ndarray]:
    """Counts as if an example that was right once were right ever after."""
    return lambda right: count(np.maximum.accumulate(right, axis=2))


def pytest_claims_mutants() -> list[Mutant]:
    """What `claims mutants` tries beside the mutants of memorization-claims."""
    return [
        Mutant(
            "never-forgotten", "what was learned once stays learned", target=events, replacement=never, spoils="values"
        )
    ]
