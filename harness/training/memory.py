"""Runs that do not fit the memory of a device at once: half of them are trained, and half again, down to one.

Since a run's numbers are its own, whatever it is trained beside, they are the same.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import torch

from memorization_claims.errors import SettingError

Done = TypeVar("Done")


def as_memory_allows(
    portions: Sequence[list[int]],
    train: Callable[[list[int]], Iterator[tuple[int, Done]]],
    note: Callable[[str], None],
) -> Iterator[Done]:
    """Train runs in portions, in smaller ones from where the memory runs out.

    Args:
        portions: numbers of runs, of one size but for the last.
        train: trains some of them side by side, and yields the number of each with what it came to.
        note: told in one line of every halving.

    Yields:
        What each run came to, once. Those that were done when the memory ran out are not trained again.

    Raises:
        torch.OutOfMemoryError: for one run alone.
    """
    left, size = [run for few in portions for run in few], max(map(len, portions), default=0)
    while few := left[:size]:
        try:
            for run, done in train(few):
                left.remove(run)
                yield done
            continue
        except (torch.OutOfMemoryError, SettingError) as error:
            if len(few) == 1 or not _ran_out(error):
                raise
            size = (len(few) + 1) // 2
            said = str(error.__cause__ or error).strip().partition("\n")[0]
        # Past the handler: the traceback held what the cohort held.
        gc.collect()
        torch.cuda.empty_cache()  # does nothing where CUDA has not started
        note(f"{len(few)} runs side by side do not fit the memory, {size} are tried; {said}")


def _ran_out(error: Exception) -> bool:
    """Whether it was the memory, also while a net of a user's was called."""
    return isinstance(error, torch.OutOfMemoryError) or isinstance(error.__cause__, torch.OutOfMemoryError)
