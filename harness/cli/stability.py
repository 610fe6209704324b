"""The command `claims stability`."""

from __future__ import annotations

import argparse
import itertools
import shutil
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click

from memorization_claims.cli import variations
from memorization_claims.cli.output import say
from memorization_claims.cli.paths import UserPath
from memorization_claims.cli.sessions import at_fast_scale, collect, hand_over
from memorization_claims.cli.usage import FORWARDED, BadUsageError, ForwardingCommand, UselessError
from memorization_claims.cli.variations import Variation
from memorization_claims.errors import DataError
from memorization_claims.reports import result, whole
from memorization_claims.reports.result import Result
from memorization_claims.reports.stability import TITLE, alarms, markdown
from memorization_claims.session.signals import Handler
from memorization_claims.statistics.looks import SEQUENTIAL

PAGE = "README.md"
WORK = ".work"
"""The folder of what unfinished sessions have trained."""
PLACES = ("--claims-data-root", "--data-root", "--claims-store", "--store", "--claims-report", "--report")
"""Options of pytest that say where things lie, of which no verdict depends."""
WHOLE = (0, 1)
"""The exit statuses of pytest when it has judged everything."""


@click.command("stability", cls=ForwardingCommand, context_settings=FORWARDED)
@click.argument("folder", type=UserPath())
@click.option("--base-seed", "seeds", type=click.IntRange(0), multiple=True, metavar="N", help="Another base seed.")
@click.option(
    "--instructions",
    type=click.Choice(list(variations.INSTRUCTIONS)),
    multiple=True,
    help="Let torch, oneDNN, MKL and OpenBLAS use no more than these instructions of the processor.",
)
@click.option("--python", "pythons", multiple=True, metavar="PATH", help="The interpreter of another environment.")
@click.option(
    "--workers", type=click.IntRange(0), multiple=True, metavar="N", help="Another number of workers, pytest's -n."
)
@click.option("--reversed", "backwards", is_flag=True, help="Run the tests from the last to the first.")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[PYTEST ARGUMENTS]")
def command(folder: Path, arguments: Sequence[str], **asked: Any) -> int:
    """Judge claims again under other seeds and other arithmetic, and write to FOLDER which verdicts turn.

    Every option but those of pytest makes one session, and may be given several times; a session differs from what
    pytest with these arguments would do in nothing else, and trains all anew. The claims are those that pytest would
    judge here, at fast scale unless -m is given. Torch computes on one thread a worker by design, so the number of
    threads is no variation.

    FOLDER keeps one file a session and the table of all, README.md. A session whose file is there is not run again, and
    one that was interrupted goes on where it was; delete its file to run it anew. Without a session to run, the table
    is written from what is there. The exit status is 1 if an item is supported in one session and refuted in another,
    or a session ended with another exit status than 0.
    """
    if str(folder).startswith("-"):
        raise BadUsageError(f"the folder comes first and is {folder}; legal is claims stability FOLDER [OPTIONS]")
    done = _done(folder)
    if sessions := variations.chosen(**asked):
        _run(folder, sessions, at_fast_scale(arguments), done)
        done = _done(folder)
    elif arguments or not done:
        what = f"for pytest {' '.join(arguments)}" if arguments else f"and there is none in {folder}"
        options = "--base-seed N, --instructions NAME, --python PATH, --workers N and --reversed"
        raise BadUsageError(f"no session is named {what}; legal are {options}")
    _write_page(folder, done)
    say(markdown(done), end="")
    return int(alarms(done))


def _done(folder: Path) -> list[Result]:
    """The results in the folder.

    Raises:
        UselessError: it holds others' files, or results that cannot stand in one table.
    """
    if folder.is_dir() and not _is_ours(folder):
        raise BadUsageError(f"{folder} holds other things than sessions; legal is a folder that is empty or not there")
    try:
        return result.read(folder)
    except DataError as error:
        raise UselessError(str(error)) from error


def _is_ours(folder: Path) -> bool:
    """Whether nothing is there, or a page of this command's."""
    page = folder / PAGE
    if page.exists():
        return page.read_text(encoding="utf-8", errors="replace").startswith(TITLE)
    return all(path.name == WORK or path.suffix == ".json" for path in folder.iterdir())


def _run(folder: Path, sessions: Sequence[Variation], arguments: Sequence[str], done: Sequence[Result]) -> None:
    """Run the sessions that are not done, one after the other, and write after each what it came to."""
    judged: dict[str, Any] = {"arguments": portable(arguments)}
    _check_same(folder, judged, done)
    names = [one["session"] for one in done]
    _check_apart([*names, *(each.name for each in sessions)])
    wanting = [each for each in sessions if each.name not in names]
    for name in (each.name for each in sessions if each.name in names):
        _drop(folder / WORK / name)
        say(f"{name} is there", error=True)
    if not wanting:
        return
    judged["datasets"] = collect(arguments)["datasets"]
    _check_same(folder, judged, done)
    try:
        (folder / WORK).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadUsageError(f"{folder} cannot be written: {error.strerror}; legal is a folder that can") from error
    handler = Handler()
    handler.install()
    try:
        for each in wanting:
            result.write(_judge(folder / WORK / each.name, each, arguments, judged), folder)
            _drop(folder / WORK / each.name)
            _write_page(folder, _done(folder))
    finally:
        handler.restore()


def _judge(work: Path, session: Variation, arguments: Sequence[str], judged: dict[str, Any]) -> Result:
    """The result of a session.

    Args:
        work: its folder, which keeps what it has trained and the seconds that it has taken so far.
        session: to run.
        arguments: of pytest, without those of the session.
        judged: what is noted of them, and of the data.
    """
    facts = variations.facts(session.python, session.environment)
    work.mkdir(parents=True, exist_ok=True)
    clock, begun = work / "seconds", time.monotonic()
    earlier = float(clock.read_text(encoding="utf-8")) if clock.exists() else 0.0
    say(f"{session.name} {'goes on' if clock.exists() else 'begins'}", error=True)
    words = ["-q", *arguments, "--claims-store", str((work / "store").absolute()), *session.arguments]
    try:
        handed_over, status, output = hand_over(words, python=session.python, environment=dict(session.environment))
    finally:
        seconds = earlier + time.monotonic() - begun
        whole.write(clock, f"{seconds:.1f}")
    record = handed_over.get("record", {"claims": []})
    if status not in WHOLE or record.get("stopped") or not record["claims"]:
        raise UselessError(f"{session.name} is not done, it ended with exit status {status}:\n{output.strip()}")
    for error in record["errors"]:
        say(f"{error['nodeid']}: {error['message']}", error=True)
    environment = facts | {name: record["environment"][name] for name in ("device", "commit")}
    made = result.of(record, session.name, environment=environment, status=status, seconds=seconds, **judged)
    counts = ", ".join(f"{made[number]} {number}" for number in ("supported", "refuted", "undecided", "errors"))
    say(f"{session.name} ends after {seconds:.0f} s: {counts}", error=True)
    return made


def portable(arguments: Sequence[str]) -> list[str]:
    """The arguments of pytest that decide what is judged, but no places, so that they are the same on every machine."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument(*PLACES)
    _, kept = parser.parse_known_args(list(arguments))
    return [_named(word) for word in kept]


def _named(word: str) -> str:
    """A word in which a path from the root is the name of its file alone."""
    before, equals, value = word.rpartition("=")
    return f"{before}{equals}{Path(value).name}" if Path(value).is_absolute() else word


def _check_same(folder: Path, judged: dict[str, Any], done: Sequence[Result]) -> None:
    """Raise BadUsageError where the folder's sessions judged otherwise; among themselves they judged the same."""
    for one, what in ((one, what) for one in done[:1] for what in judged):
        if one[what] != judged[what]:
            there, here = result.told(one, what), result.told(judged, what)
            raise BadUsageError(f"{folder} holds sessions of {there}, and this is {here}; legal is another folder")


def _check_apart(names: Iterable[str]) -> None:
    """Raise BadUsageError where two base seeds have seeds in common, so that their verdicts would share runs."""
    most = SEQUENTIAL.looks[-1]
    seeds = sorted({int(name.removeprefix("seed-")) for name in names if name.startswith("seed-")})
    for one, other in itertools.pairwise(seeds):
        if other - one < most:
            raise BadUsageError(
                f"base seeds {one} and {other} have seeds in common; legal are those that lie {most} or more apart"
            )


def _drop(folder: Path) -> None:
    """Remove the folder of a session that is done, and that of all if it was the last."""
    shutil.rmtree(folder, ignore_errors=True)
    if folder.parent.is_dir() and not any(folder.parent.iterdir()):
        folder.parent.rmdir()


def _write_page(folder: Path, done: Sequence[Result]) -> None:
    """Write the table, whole or not at all."""
    try:
        whole.write(folder / PAGE, markdown(done))
    except OSError as error:
        raise UselessError(f"{folder / PAGE} cannot be written: {error.strerror}") from error
