"""Whether fewer of some runs show something than of others: Fisher's exact test."""

from __future__ import annotations

import math


def fewer(shown: int, runs: int, before: int, of: int) -> float:
    """The p-value against "runs show it as often as before", for which these would be as few, or fewer, by chance.

    Args:
        shown: of some runs, those that show it.
        runs: how many there are, 0 or more.
        before: of earlier runs, those that showed it.
        of: how many these were.

    Returns:
        A number in (0, 1].

    Source: Fisher 1935, J. R. Stat. Soc. 98 (1), one-sided.
    """
    together = shown + before
    least = max(0, together - of)
    ways = (math.comb(runs, k) * math.comb(of, together - k) for k in range(least, shown + 1))
    return sum(ways) / math.comb(runs + of, together)
