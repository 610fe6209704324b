"""The command `claims doctor`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from memorization_claims.cli import variations
from memorization_claims.cli.output import say, show
from memorization_claims.cli.paths import UserPath
from memorization_claims.cli.usage import BadUsageError
from memorization_claims.errors import SettingError
from memorization_claims.session import devices
from memorization_claims.spec.arithmetic import arithmetic_of

if TYPE_CHECKING:
    import torch

    from memorization_claims.doctor.answer import Answer

NAME = "here"
"""The device in the file of constants."""
WIDE = 400
"""Columns: a row of Markdown is one line, however narrow the terminal is."""


@click.command("doctor")
@click.option("--device", "asked", default="auto", metavar="NAME", help="auto, cpu, cuda or cuda:N.")
@click.option(
    "--json", "save", type=UserPath(dir_okay=False), metavar="FILE", help="Write what it measured of the device."
)
def command(asked: str, save: Path | None) -> int:
    """Examine this machine: whether its numbers can be trusted, and how long trainings take.

    Says whether one seed gives the same bits twice, in other processes, and whatever is trained beside it; how far a
    GPU and the CPU agree, in trainings and in verdicts of claims; on a CPU, what other threads and instructions change;
    which engine is fastest, how many nets fit the memory, and which could be trained in coarser numbers. Takes minutes.
    What is printed is Markdown, to paste into a report. FILE is for `claims plan --constants FILE --device here`.

    The exit status is 1 if one seed gives other bits the second time, in another process or beside other nets.
    """
    if save and not save.absolute().parent.is_dir():
        raise BadUsageError(f"--json is {save} and there is no folder {save.absolute().parent}; legal is a file in one")
    try:
        name = devices.choose(asked)
        from memorization_claims.session.compute import set_up

        device = set_up(name, arithmetic_of(name))
    except SettingError as error:
        raise BadUsageError(str(error).replace("--claims-device", "--device")) from error
    failed = False
    for answer in examination(device, save):
        _print(answer)
        failed |= answer.failed
    if save:
        say(f"constants are in {save}; use claims plan --constants {save} --device {NAME}", error=True)
    return int(failed)


def examination(device: torch.device, save: Path | None = None) -> Iterator[Answer]:
    """The answers of a device, each as soon as it is known.

    Args:
        device: set up.
        save: where the constants are written to.
    """
    from memorization_claims.doctor.agreement import agreement
    from memorization_claims.doctor.alone import alone
    from memorization_claims.doctor.constants import constants
    from memorization_claims.doctor.engines import engines
    from memorization_claims.doctor.machine import machine
    from memorization_claims.doctor.precision import precision
    from memorization_claims.doctor.processes import processes
    from memorization_claims.doctor.tried import FEW, NETS
    from memorization_claims.doctor.twice import twice
    from memorization_claims.doctor.verdicts import verdicts

    yield machine(device)
    yield twice(NETS, device)
    yield alone(NETS, device)
    if device.type == "cuda":
        yield agreement(NETS, device)
        yield verdicts(device)
    limits = {
        name: dict(zip(variations.VARIABLES, values, strict=True)) for name, values in variations.INSTRUCTIONS.items()
    }
    yield processes(NETS, device, limits)
    yield engines(NETS, device)
    yield precision(NETS if device.type == "cuda" else FEW, device)
    measured, answer = constants(device)
    if save:
        save.write_text(json.dumps({NAME: asdict(measured)}, indent=1) + "\n", encoding="utf-8")
    yield answer


def _print(answer: Answer) -> None:
    from memorization_claims.doctor.answer import rendered

    show(*rendered(answer), width=WIDE)
