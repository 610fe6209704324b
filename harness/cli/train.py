"""The command `claims train`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from memorization_claims.cli.output import say
from memorization_claims.cli.sessions import at_fast_scale, collect, ids_first
from memorization_claims.cli.usage import FORWARDED, BadUsageError, ForwardingCommand, UselessError
from memorization_claims.cli.workers import counted
from memorization_claims.errors import SettingError
from memorization_claims.filling import local, on_ray
from memorization_claims.filling.course import Course
from memorization_claims.filling.place import Place
from memorization_claims.filling.tasks import tasks
from memorization_claims.price.devices import BUILT_IN
from memorization_claims.price.totals import LOOKS, Look
from memorization_claims.store import Store


@click.command("train", cls=ForwardingCommand, context_settings=FORWARDED)
@click.option(
    "--look",
    type=click.Choice(LOOKS),
    default="first",
    help="Train for the first look, or for the last.",
)
@click.option("--workers", metavar="N", help="Workers, 1 if not given; also -n N.")
@click.option("--executor", type=click.Choice(["local", "ray"]), default="local", help="Processes here, or Ray's.")
@click.option("--address", metavar="ADDRESS", help="The cluster of Ray; else Ray is started here.")
@click.option("--seeds", metavar="N", help="One look at N seeds, as pytest's --claims-seeds.")
@click.option("--device", metavar="NAME", help="As pytest's --claims-device.")
@click.option("--store", metavar="DIR", help="As pytest's --claims-store.")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[ID ...] [PATHS] [PYTEST ARGUMENTS]")
def command(
    look: Look,
    workers: str | None,
    executor: str,
    address: str | None,
    arguments: Sequence[str],
    **session: str | None,
) -> int:
    """Train what `pytest` with these arguments would train, so that it only judges; at fast scale unless -m is given.

    Runs go to workers, the longest first by the price of `claims plan`; those in the store are not trained again. It
    may be killed at any moment and called again: what was finished stays, and of runs that take longer than ten minutes
    what was trained until ten minutes before. A lost worker is replaced. Worker k takes GPU k modulo those that are
    visible. Ray's workers may be on other machines, which have to see the store by the same path. The exit status is 1
    if something could not be trained.
    """
    if address is not None and executor != "ray":
        raise BadUsageError(f"--address is {address} and the executor is {executor}; legal is --executor ray")
    number, passed = counted(workers, arguments)
    ids, rest = ids_first(passed)
    options = [f"--claims-{name}={value}" for name, value in session.items() if value is not None]
    told = collect([*ids, *options, *at_fast_scale(rest)], also="training")["training"]
    say_what_is_left_out(told["price"])
    place = Place.of(told)
    device = BUILT_IN["h100" if place.device.startswith("cuda") else "cpu"]
    # Trainings on ImageNet are torchrun's.
    jobs = [job for job in told["price"]["jobs"] if job["kind"] != "training"]
    here = [job for job in jobs if job["data"] not in told["price"]["missing"]]
    course = Course(tasks(here, device, look), number, lambda line: say(line, error=True))
    try:
        if course.open and executor == "ray":
            on_ray.run(course, place, number, address)
        elif course.open:
            local.run(course, place, number)
    except SettingError as error:
        raise UselessError(str(error)) from error
    if Path(place.store).is_dir():
        Store(Path(place.store)).sweep()
    course.tell(last=True)
    return int(bool(course.failures))


def say_what_is_left_out(price: dict[str, Any]) -> None:
    """What cannot be trained, and what has no price and so comes last."""
    if price["missing"]:
        say(f"not here, and left out: {', '.join(price['missing'])}", error=True)
    for reason in price["unpriced"]:
        say(f"without a price: {reason}", error=True)
