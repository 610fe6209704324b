"""Inject faults, and stop at the first that is not survived: `python -m memorization_claims.tests.faults`."""

from __future__ import annotations

import argparse
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

from memorization_claims.tests.faults import entries, files, machine, records
from memorization_claims.tests.faults.small import EXECUTED

Kind = Callable[[Random, Path], None]
KINDS: tuple[Kind, ...] = (
    *(entries.corrupted, entries.truncated, entries.swapped, entries.of_another_version, entries.sealed),
    *(entries.checkpoints, machine.full_disk, machine.read_only, machine.file_system, machine.clock, machine.locks),
    *(machine.paths, machine.killed_worker, machine.killed_controller, machine.two_sessions),
    *(files.unpickled, files.torchvision, files.bomb, files.weights),
    *(records.schemas, records.fields, records.verdicts, records.controls),
)
"""Each injects one fault into a folder of its own, all of it drawn from the generator, and asserts what follows."""


def name_of(kind: Kind) -> str:
    """As `entries.corrupted`."""
    return f"{kind.__module__.rpartition('.')[2]}.{kind.__name__}"


def inject(kind: Kind, seed: str) -> None:
    """Inject one fault.

    Raises:
        AssertionError: it is not survived.
    """
    memory = Path("/dev/shm")  # where it is, a store that waits for no disk
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        folder = Path(name)
        kind(Random(f"{name_of(kind)} {seed}"), folder)
        assert not (folder / EXECUTED).exists(), "code from a file was executed"


def main() -> int:
    """Inject faults of all kinds in turn, and print how many of each."""
    parser = argparse.ArgumentParser(prog="python -m memorization_claims.tests.faults", description=main.__doc__)
    parser.add_argument("--faults", type=int, default=276, help="how many (default: 276)")
    parser.add_argument("--seed", type=int, default=0, help="of what is drawn (default: 0)")
    parser.add_argument("--only", type=int, metavar="N", help="the fault of this number alone, to repeat it")
    given = parser.parse_args()
    done: Counter[str] = Counter()
    for number in range(given.faults) if given.only is None else [given.only]:
        kind = KINDS[number % len(KINDS)]
        try:
            inject(kind, f"{given.seed} {number}")
        except Exception:
            traceback.print_exc()
            again = f"{parser.prog} --seed {given.seed} --only {number}"
            print(f"fault {number}, {name_of(kind)}, is not survived; again: {again}")
            return 1
        done[name_of(kind)] += 1
        if done.total() % len(KINDS) == 0:
            print(f"{done.total()} faults are survived", file=sys.stderr, flush=True)
    print(*(f"{count:5} {name}" for name, count in done.items()), sep="\n")
    print(f"{done.total():5} faults: no wrong verdict, no finished run lost, nothing executed, a plain message each")
    return 0


if __name__ == "__main__":
    sys.exit(main())
