"""Sessions of pytest that the command line starts, in the current directory and by the project's own configuration.

Each is a process of its own: pytest rewrites the asserts of its plugins, and warns of what was imported before it.
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from memorization_claims.cli.usage import UselessError

NO_TESTS = 5
"""The exit status of pytest where nothing was selected."""
HANDOVER = ("-p", "memorization_claims.cli.handover", "--claims-hand-over")


def pytest_command(arguments: Sequence[str], python: str = sys.executable) -> list[str]:
    """The command line that is `pytest` with these arguments, whatever environment is active."""
    # As the script of that name: without the current directory among the places of imports.
    return [python, "-P", "-m", "pytest", *arguments]


def at_fast_scale(arguments: Sequence[str]) -> list[str]:
    """The arguments, with `-m fast` where they have no `-m`."""
    marked = any(each.startswith("-m") for each in arguments)
    return list(arguments) if marked else ["-m", "fast", *arguments]


def ids_first(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """The option that selects the ids before all else, if there are any; and the rest."""
    ids = list(itertools.takewhile(_is_id, arguments))
    return [f"--claims-only={','.join(ids)}"] if ids else [], list(arguments[len(ids) :])


def _is_id(word: str) -> bool:
    """Whether a word names a claim or an item: it is no option and no path."""
    name = word.partition("[")[0]
    return not (word.startswith("-") or "/" in name or os.sep in name or "::" in name or Path(name).exists())


def collect(arguments: Sequence[str], *, also: Literal["mutants", "price", "training"] | None = None) -> dict[str, Any]:
    """What pytest collects: `claims`, a list, `datasets` that are there, and what else is asked for.

    Raises:
        UselessError: pytest met errors, or there are no claims.
    """
    wanted = [f"--claims-hand-over-{also}"] if also else []
    collected, status, output = hand_over(["--collect-only", "-qq", *wanted, *arguments])
    if status not in (0, NO_TESTS):
        # What pytest refuses comes last, after all that it has collected; what went wrong in files does not begin so.
        _, refused, said = f"\n{output.strip()}".rpartition("\nERROR: ")
        raise UselessError(f"the claims cannot be collected:{f' {said}' if refused else said}")
    if not collected.get("claims"):
        where = f"by pytest {' '.join(arguments)}" if arguments else "from the tests of this folder"
        raise UselessError(
            f"no claims are collected {where}; name their files or folder, "
            "or --pyargs memorization_claims.claims for those of the three papers"
        )
    return collected


def hand_over(
    arguments: Sequence[str], *, python: str = sys.executable, environment: Mapping[str, str] | None = None
) -> tuple[dict[str, Any], int, str]:
    """What a session hands over (empty if it came to nothing), its exit status, and its output.

    Args:
        arguments: of pytest.
        python: the interpreter.
        environment: variables beside those of this process.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "session.json")
        done = subprocess.run(
            pytest_command([*HANDOVER, str(file), *arguments], python),
            env={**os.environ, **(environment or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        )
        handed_over = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return handed_over, done.returncode, done.stdout
