"""The command `claims mutants`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from memorization_claims.cli.output import say, show
from memorization_claims.cli.paths import UserPath
from memorization_claims.cli.sessions import at_fast_scale, collect, hand_over, pytest_command
from memorization_claims.cli.usage import FORWARDED, BadUsageError, ForwardingCommand, UselessError

if TYPE_CHECKING:
    from rich.table import Table

Entries = dict[str, dict[str, Any]]
"""Entries of a record by the id of their test."""


@click.command("mutants", cls=ForwardingCommand, context_settings=FORWARDED)
@click.option("--only", multiple=True, metavar="NAME", help="Try this mutant alone; may be given several times.")
@click.option("--save", type=UserPath(), metavar="FILE", help="Write as JSON which claims fail, for a report.")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[PATHS] [PYTEST ARGUMENTS]")
def command(only: Sequence[str], save: Path | None, arguments: Sequence[str]) -> int:
    """Break the science in named ways and print which claims notice.

    The claims are those that `pytest` with these arguments would judge here, at fast scale unless -m is given. The exit
    status is 1 if a claim is failed by no mutant, or if a mutant is noticed by no claim and caught by no other test.
    """
    if save and not save.absolute().parent.is_dir():
        raise BadUsageError(f"--save is {save} and there is no folder {save.absolute().parent}; legal is a file in one")
    passed = at_fast_scale(arguments)
    known = collect(passed, also="mutants")["mutants"]
    if unknown := [name for name in only if name not in known]:
        raise BadUsageError(f"unknown mutant {unknown[0]!r}; legal are {', '.join(known)}")
    chosen = {name: known[name] for name in only or known}
    concerned = {name: mutant for name, mutant in chosen.items() if mutant["concerns"]}
    say("judging the claims as they are", error=True)
    whole = _judged(passed)
    broken = {name: _judged_with(name, mutant["says"], passed) for name, mutant in concerned.items()}
    if save:
        save.write_text(json.dumps(caught(whole, broken), indent=1) + "\n", encoding="utf-8")
    show(table(whole, broken))
    for name in chosen.keys() - concerned.keys():
        say(f"{name} has nothing to break in these claims")
    unnoticed = _tell_unnoticed(concerned, whole, broken)
    # With some of the mutants, a claim that fails with none may still fail with another.
    unfailed = not only and _tell_unfailed(whole, broken)
    return int(bool(unnoticed or unfailed or (only and chosen != concerned)))


def _judged_with(mutant: str, says: str, arguments: Sequence[str]) -> Entries:
    say(f"judging them with {mutant}: {says}", error=True)
    return _judged([*arguments, "--claims-mutant", mutant], empty=True)


def _judged(arguments: Sequence[str], *, empty: bool = False) -> Entries:
    """The entries of a session of its own; one with errors says nothing of mutants.

    Args:
        arguments: of pytest.
        empty: it may judge nothing, as where data are missing.
    """
    session, _, output = hand_over(["-q", *arguments])
    record = session.get("record", {"claims": [], "errors": ["no record"]})
    if record["errors"] or not (record["claims"] or empty):
        command = " ".join(pytest_command(arguments))
        raise UselessError(f"{command} judged no claim, or met errors:\n{output}")
    return {entry["nodeid"]: entry for entry in record["claims"]}


def notices(whole: Mapping[str, Any], broken: Mapping[str, Any]) -> bool:
    """Whether a claim notices a mutant: it takes its support away, and not only the runs that it needs to be shown.

    A session of a mutant has fewer looks. Where a claim was supported at a later one, and most runs still show it, they
    were too few.
    """
    taken = whole["verdict"] == "supported" != broken["verdict"]
    counted, left = whole["count"], broken["count"]
    few = counted and left and left["runs"] < counted["runs"] and 2 * left["beyond"] > left["runs"]
    return bool(taken and not few)


def caught(whole: Entries, broken: Mapping[str, Entries]) -> dict[str, list[str]]:
    """The mutants that take each supported claim's support away, by the id of its test."""
    return {
        nodeid: [name for name, entries in broken.items() if nodeid in entries and notices(entry, entries[nodeid])]
        for nodeid, entry in whole.items()
        if entry["verdict"] == "supported"
    }


def _tell_unnoticed(mutants: Mapping[str, Any], whole: Entries, broken: Mapping[str, Entries]) -> bool:
    """Print the mutants that no claim notices. True if one of them is caught by no other test either."""
    seen = {name for names in caught(whole, broken).values() for name in names}
    unseen = {name: mutant["caught_by"] for name, mutant in mutants.items() if name not in seen}
    for name, test in unseen.items():
        say(f"{name} is noticed by no claim" + (f"; {test} catches it" if test else ""))
    return not all(unseen.values())


def _tell_unfailed(whole: Entries, broken: Mapping[str, Entries]) -> bool:
    """Print the claims that no mutant fails: nothing shows that they can fail. True if there are any."""
    unfailed = [whole[nodeid] for nodeid, names in caught(whole, broken).items() if not names]
    for entry in unfailed:
        say(f"{entry['id']} at {entry['scale']} scale is failed by no mutant")
    return bool(unfailed)


def table(whole: Entries, broken: Mapping[str, Entries]) -> Table:
    """Each claim with the mutants that change its numbers: those that it fails with, and those that it stands with."""
    from rich.table import Table
    from rich.text import Text

    grid = Table("claim", "as it is", "fails with", "stands with", box=None, pad_edge=False, header_style="bold")
    for each in grid.columns:
        each.overflow = "fold"
    for nodeid, entry in sorted(whole.items(), key=lambda pair: (pair[1]["scale"], pair[1]["id"])):
        fails, stands = Text(), Text(style="dim")
        for name, entries in broken.items():
            if nodeid not in entries or entries[nodeid]["samples"] == entry["samples"]:
                continue
            verdict = entries[nodeid]["verdict"]
            column, said = (stands, name) if verdict == "supported" else (fails, f"{name} ({verdict})")
            column.append(f"\n{said}" if column else said)
        grid.add_row(Text(entry["id"]), entry["verdict"], fails, stands)
    return grid
