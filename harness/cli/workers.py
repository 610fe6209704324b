"""The number of workers, as an option of a command or as pytest-xdist's."""

from __future__ import annotations

from collections.abc import Sequence

from memorization_claims.cli.usage import BadUsageError


def counted(given: str | None, arguments: Sequence[str]) -> tuple[int, list[str]]:
    """The number of workers, and the arguments without pytest-xdist's option for it: nothing is collected by workers.

    As an option of click `-n` would also be found within pytest's `-kbetween`.
    """
    passed, waiting = list[str](), iter(arguments)
    for word in waiting:
        if word in ("-n", "--numprocesses"):
            given = next(waiting, "")
        elif word.startswith(("-n", "--numprocesses=")):
            given = word.removeprefix("-n").removeprefix("--numprocesses=")
        else:
            passed.append(word)
    if given is None:
        return 1, passed
    if not given.isdecimal() or int(given) < 1:
        raise BadUsageError(f"the number of workers is {given!r}; legal is 1 or more")
    return int(given), passed
