"""The generated cases of a claim that is a theorem."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from memorization_claims.plan.plan import Cases
from memorization_claims.seed import torch_generator
from memorization_claims.statistics.samples import Samples


@dataclass(frozen=True)
class Generated:
    """Cases by seed; nothing is trained ahead and nothing kept."""

    cases: Cases
    first_seed: int

    def errors(
        self, function: Callable[..., tuple[float, float]], name: str, **options: Any
    ) -> tuple[Samples, np.ndarray]:
        """The error of each case and what rounding allows there.

        Args:
            function: `function(generator, **options) -> (error, tolerance)`; gets the setting's options too.
            name: what the errors are.
            **options: those that the claim fixes itself.

        Returns:
            Samples of the one condition "error", and the tolerances, (cases,).
        """
        seeds = range(self.first_seed, self.first_seed + self.cases.number)
        results = [function(torch_generator(seed, "measure"), **self.cases.options, **options) for seed in seeds]
        errors, tolerances = np.array(results, dtype=np.float64).T
        return Samples(name, "", {"error": errors}, tuple(seeds)), tolerances
