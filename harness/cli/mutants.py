"""The command `claims mutants`."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from memorization_claims.cli.output import say, show
from memorization_claims.cli.paths import UserPath
from memorization_claims.cli.sessions import at_fast_scale, collect, hand_over, pytest_command
from memorization_claims.cli.usage import FORWARDED, BadUsageError, ForwardingCommand, UselessError
from memorization_claims.controls.mutant import Spoiled
from memorization_claims.errors import SettingError
from memorization_claims.reports import matrix as matrices
from memorization_claims.reports.matrix import Matrix

if TYPE_CHECKING:
    from rich.table import Table

WHOLE = (0, 1)
"""The exit statuses of pytest when the tests that were asked for have been run."""
Known = Mapping[str, Mapping[str, Any]]
"""Mutants by name, as `memorization_claims.cli.handover.mutants` tells them."""


@click.command("mutants", cls=ForwardingCommand, context_settings=FORWARDED)
@click.option("--only", multiple=True, metavar="NAME", help="Try this mutant alone; may be given several times.")
@click.option(
    "--save",
    type=UserPath(dir_okay=False),
    metavar="FILE",
    help="Write as JSON after each mutant which claims notice, for a report; go on with what is there.",
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[PATHS] [PYTEST ARGUMENTS]")
def command(only: Sequence[str], save: Path | None, arguments: Sequence[str]) -> int:
    """Break the science in named ways and print which claims notice.

    The claims are those that `pytest` with these arguments would judge here, at fast scale unless -m is given, and
    under a mutant those that it concerns, at one look of 12 seeds. Mutants for which nothing is trained come first. For
    one that no claim notices, the test that is named to catch it is run under it.

    The exit status is 1 if a mutant survives, if a supported claim fails with none that breaks what it says, or if a
    session of a mutant came to no record.
    """
    if save and not save.absolute().parent.is_dir():
        raise BadUsageError(f"--save is {save} and there is no folder {save.absolute().parent}; legal is a file in one")
    passed = at_fast_scale(arguments)
    told = collect(passed, also="mutants")["mutants"]
    known: Known = told["known"]
    if unknown := [name for name in only if name not in known]:
        raise BadUsageError(f"unknown mutant {unknown[0]!r}; legal are {', '.join(known)}")
    concerned = [name for name in _cheap_first(known) if known[name]["concerns"]]
    chosen = [name for name in concerned if not only or name in only]
    matrix = _resumed(save, told["asked"], known) if save and save.exists() else None
    if matrix is None:
        say("judging the claims as they are", error=True)
        matrix = matrices.begun(told["asked"], _judged(passed))
    useless = _try(chosen, known, matrix, passed, save)
    show(table(matrix))
    spared = [name for name in only or known if name not in concerned]
    for line in (*(f"{name} has nothing to break in these claims" for name in spared), *matrices.sentences(matrix)):
        say(line)
    # With some of the mutants, a claim that fails with none may still fail with another.
    whole = all(name in matrix["mutants"] for name in concerned)
    unfailed = whole and not all(names.sharp for names in matrices.failing(matrix).values())
    survived = [name for name in matrices.score(matrix).survived if not _elsewhere(matrix["mutants"][name])]
    return int(bool(useless or unfailed or survived or (only and spared)))


def _cheap_first(known: Known) -> list[str]:
    """The mutants for which nothing is made again, then those for which values are, then those that train."""
    order = get_args(Spoiled)
    return sorted(known, key=lambda name: -order.index(known[name]["spoils"]))


def _resumed(path: Path, asked: Mapping[str, Any], known: Known) -> Matrix:
    """The matrix of an earlier call, without mutants that are others by now.

    Raises:
        UselessError: it is of other items, options or code, or none.
    """
    try:
        matrix = matrices.read(path)
    except (SettingError, OSError) as error:
        raise UselessError(str(error)) from error
    if other := [name for name in asked if asked[name] != matrix["asked"].get(name)]:
        raise UselessError(
            f"{path} was made with other {' and '.join(other)}, so that nothing can be added to it; give another file, "
            "or move that one away"
        )
    rows = matrix["mutants"]
    matrix["mutants"] = {name: row for name, row in rows.items() if row["code"] == known.get(name, {}).get("code")}
    say(f"{path} has the claims as they are and {len(matrix['mutants'])} mutants", error=True)
    return matrix


def _try(chosen: Sequence[str], known: Known, matrix: Matrix, arguments: Sequence[str], save: Path | None) -> bool:
    """Judge the claims under each of these mutants that the matrix lacks. True if a session came to nothing."""
    rows, useless = matrix["mutants"], False

    def keep() -> None:
        matrix["mutants"] = {name: rows[name] for name in known if name in rows}
        if save:
            matrices.write(save, matrix)

    keep()
    for name in chosen:
        try:
            if name not in rows:
                say(f"judging them with {name}: {known[name]['says']}", error=True)
                record = _judged([*arguments, "--claims-mutant", name], broken=True)
                rows[name] = matrices.tried(matrix, known[name], record)
                keep()
            if not rows[name]["noticed"] and rows[name]["caught"] is None:
                rows[name]["caught"] = fails(rows[name]["caught_by"], name)
                keep()
        except UselessError as error:
            say(error, error=True)
            useless = True
    return useless


def _judged(arguments: Sequence[str], *, broken: bool = False) -> dict[str, Any]:
    """The record of a session of its own.

    Args:
        arguments: of pytest.
        broken: under a mutant it may judge nothing, as where data are missing, and tests may meet errors.
    """
    session, _, output = hand_over(["-q", *arguments])
    record: dict[str, Any] = session.get("record", {})
    if not record or (not broken and (record["errors"] or not record["claims"])):
        command = " ".join(pytest_command(arguments))
        raise UselessError(f"{command} judged no claim, or met errors:\n{output}")
    return record


def fails(test: str, mutant: str) -> bool | None:
    """Whether a test fails under a mutant; None where none is named, or its file is not in this folder.

    Raises:
        UselessError: there is no such test, or it could not be run.
    """
    if not test or not Path(test.partition("::")[0]).exists():
        return None
    plugin = ("-p", "memorization_claims.cli.broken", "--claims-mutant", mutant)
    say(f"running {test} with {mutant}", error=True)
    command = pytest_command(["-qx", "-p", "no:cacheprovider", *plugin, test])
    done = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace")
    if done.returncode not in WHOLE:
        raise UselessError(f"{test} could not be run with {mutant}:\n{done.stdout}{done.stderr}")
    return done.returncode == 1


def _elsewhere(row: Mapping[str, Any]) -> bool:
    """Whether the test that catches a mutant is in another repository."""
    return bool(row["caught_by"]) and row["caught"] is None


def table(matrix: Matrix) -> Table:
    """Each item with the mutants that it notices, and those that it stands though they change its numbers."""
    from rich.table import Table
    from rich.text import Text

    grid = Table("claim", "as it is", "fails with", "stands with", box=None, pad_edge=False, header_style="bold")
    for each in grid.columns:
        each.overflow = "fold"
    for item, whole in sorted(matrix["items"].items()):
        fails, stands = Text(), Text(style="dim")
        for name, row in matrix["mutants"].items():
            verdict = next((verdict for verdict, items in row["verdicts"].items() if item in items), None)
            if verdict is None or item in row["same"]:
                continue
            column, said = (fails, f"{name} ({verdict})") if item in row["noticed"] else (stands, name)
            column.append(f"\n{said}" if column else said)
        grid.add_row(Text(item), whole["verdict"], fails, stands)
    return grid
