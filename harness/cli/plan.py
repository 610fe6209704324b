"""The command `claims plan`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from memorization_claims.cli.output import show
from memorization_claims.cli.paths import UserPath
from memorization_claims.cli.sessions import collect
from memorization_claims.cli.usage import FORWARDED, BadUsageError, ForwardingCommand
from memorization_claims.cli.workers import counted
from memorization_claims.errors import SettingError
from memorization_claims.price import devices, totals

if TYPE_CHECKING:
    from rich.table import Table


@click.command("plan", cls=ForwardingCommand, context_settings=FORWARDED)
@click.option("--device", "name", default="cpu", metavar="NAME", help="What a worker computes on: cpu or h100.")
@click.option("--workers", metavar="N", help="Workers, each with a device of its own; also -n N.")
@click.option("--constants", type=UserPath(), metavar="FILE", help="Read devices from this JSON too.")
@click.option("--json", "save", type=UserPath(dir_okay=False), metavar="FILE", help="Write all of it as JSON.")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[PATHS] [PYTEST ARGUMENTS]")
def command(
    name: str, workers: str | None, constants: Path | None, save: Path | None, arguments: Sequence[str]
) -> None:
    """Print what `pytest` with these arguments would train, and what that costs; train nothing.

    Runs that several items share count once, and those in the store are not trained again. Items are priced at their
    first look and at their last, which claims that are decided earlier never reach. What claims measure of trained nets
    is not in it, nor how data are prepared; trainings on ImageNet, which torchrun makes, stand in a line of their own.
    Fullscale items are priced where there is no GPU, too.
    """
    from rich.text import Text

    if save and not save.absolute().parent.is_dir():
        raise BadUsageError(f"--json is {save} and there is no folder {save.absolute().parent}; legal is a file in one")
    number, passed = counted(workers, arguments)
    try:
        known = devices.BUILT_IN | (devices.read(constants) if constants else {})
    except SettingError as error:
        raise BadUsageError(str(error)) from error
    if name not in known:
        raise BadUsageError(f"unknown device {name!r}; legal are {', '.join(known)}, or one of --constants FILE")
    device = known[name]
    price = collect(passed, also="price")["price"]
    rows = totals.by_net(price["jobs"], device)
    mine = [job for job in price["jobs"] if job["kind"] != "training"]
    staged = totals.by_stage(mine, device, price["stages"])
    looks = {look: totals.at(mine, device, look, number) for look in totals.LOOKS}
    if save:
        told = {"device": {"name": name, **asdict(device)}, "workers": number, "looks": looks, "nets": rows, **price}
        told["stages"] = staged
        save.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    for table in (*tables(rows), stage_table(staged)):
        show(table, "")
    for line in lines(price, looks, name, device, number):
        show(Text(line))


NET = ("net", "data")
PASSES = ("runs", "stored", "nets", "parameters", "trained on", "judged on", "other")
COSTS = ("PFLOP", "launches", "peak", "kept", "hours", "at most")
STAGE = ("stage", "items", "hours", "at most")


def tables(rows: Sequence[dict[str, Any]]) -> Iterator[Table]:
    """Each net by its data at the first look: its passes, and what they cost, with the hours at the last look."""
    yield _table(2, (*NET, *PASSES), ((*net(row), *passes(row)) for row in rows))
    yield _table(2, (*NET, *COSTS), ((*net(row), *costs(row)) for row in rows))


def stage_table(stages: Sequence[dict[str, Any]]) -> Table:
    """What each stage costs beside those before it."""
    return _table(1, STAGE, map(stage, stages))


def _table(names: int, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """A table whose first columns are names and all others numbers."""
    from rich.table import Table
    from rich.text import Text

    table = Table(*headings[:names], box=None, pad_edge=False, header_style="bold")
    for heading in headings[names:]:
        table.add_column(heading, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def net(row: Mapping[str, Any]) -> tuple[str, ...]:
    """The cells of `NET` for a row of `totals.by_net`."""
    return row["model"], Path(row["data"]).name


def passes(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Those of `PASSES`."""
    images = row["passes"]
    trained = images.get("training", 0)
    judged = images.get("evaluation", 0) + images.get("validation", 0)
    numbers = (row["parameters"], trained, judged, sum(images.values()) - judged - trained)
    return (*(str(row[each]) for each in ("runs", "stored", "nets")), *map(short, numbers))


def costs(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Those of `COSTS`."""
    return f"{row['flops'] / 1e15:.3g}", *(short(row[each]) for each in ("launches", "peak", "kept")), *_hours(row)


def stage(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Those of `STAGE` for a row of `totals.by_stage`."""
    return str(row["stage"]), str(row["items"]), *_hours(row)


def _hours(row: Mapping[str, Any]) -> Iterator[str]:
    return (f"{row[each] / 3600:.3g}" for each in ("seconds", "most_seconds"))


def short(number: float) -> str:
    """A number with a letter for thousands: 12.3M."""
    letters, letter = iter("kMGTP"), ""
    while number >= 999.5:
        number, letter = number / 1000, next(letters)
    return f"{number:.3g}{letter}"


def lines(
    price: dict[str, Any], looks: Mapping[totals.Look, dict[str, Any]], name: str, device: devices.Device, workers: int
) -> list[str]:
    """The sums, what they rest on, and what is not in them."""
    told = [
        "Images that nets are trained on, judged on in training and validation set, and given for what else a run "
        "records; peak and kept in bytes. --claims-stage N judges one stage, after which the next costs what is told "
        "here: the cheaper half of all items, then of those that are left.",
    ]
    words_of = {"first": "At the first look", "most": "At most, if every item goes to its last look"}
    for look, found in looks.items():
        words = words_of[look]
        told.append(
            f"{words}: {found['runs']} to train or fit for {price['items']} items, {found['stored']} more are stored; "
            f"{found['flops'] / 1e15:.4g} PFLOP, {found['kept'] / 1e9:.3g} GB to keep; "
            f"{found['seconds'] / 3600:.3g} hours on one {name}, {found['balanced'] / 3600:.3g} with {workers} "
            f"worker{'s' * (workers > 1)}, each on its own; the longest takes {found['longest'] / 3600:.3g}."
        )
    told.append(
        f"{name}: {device.tflops:g} TFLOP/s ({device.double_tflops:g} in double precision), {device.gigabytes:g} GB/s, "
        f"{device.launch:g} us an operation, {device.draw:g} ns to draw a value; {device.source}."
    )
    if apart := [job for job in price["jobs"] if job["kind"] == "training"]:
        found = totals.at(apart, device, "first", workers)
        told.append(
            f"Not in these sums, since torchrun trains it and no session: {found['runs']} trainings on ImageNet, "
            f"{found['stored']} more are stored; {found['flops'] / 1e15:.4g} PFLOP, "
            f"{found['seconds'] / 3600:.4g} hours on one {name}, or on several together; "
            f"one takes {found['longest'] / 3600:.3g}."
        )
    if bound := [job for job in price["jobs"] if job["bound"]]:
        most = totals.at(bound, device, "first", workers)
        told.append(
            f"{most['runs']} of the runs at the first look may stop at a fit, and count to their budget's end: "
            f"{most['seconds'] / 3600:.3g} of the hours on one {name} are theirs."
        )
    if price["cases"]:
        told.append(f"{price['cases']} cases of theorems have no price: they train nothing.")
    if price["missing"]:
        told.append(f"Not here, and priced by their published sizes: {', '.join(price['missing'])}.")
    return [*told, *(f"Without a price: {reason}" for reason in price["unpriced"])]
