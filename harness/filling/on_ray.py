"""Workers of Ray: on this machine, or on those of a cluster, which have to see the store by the same path.

What is made is saved in the store by whoever makes it, and nothing but words comes back: so a result is kept as soon as
it is there, whoever is killed, and the locks of the store hold between this and any other session.
"""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from memorization_claims.errors import SettingError, StoreError
from memorization_claims.filling.course import TICK, TRIES, Course
from memorization_claims.filling.place import Outcome, Place, fill, went_wrong
from memorization_claims.filling.tasks import Task

if TYPE_CHECKING:
    from memorization_claims.spec.data import DataSpec


def run(course: Course, place: Place, workers: int, address: str | None) -> None:
    """Do all tasks of a course; Ray gives what a lost worker had begun to another.

    Args:
        course: hands out the tasks.
        place: where workers train.
        workers: how many tasks run at a time; where there are fewer GPUs, as many on each as find room on all.
        address: of a cluster; None starts Ray on this machine, without its dashboard.

    Raises:
        SettingError: Ray is not installed, or there is no cluster.
    """
    ray, place = _ray(), replace(place, device=place.device.partition(":")[0])
    try:
        _begin(ray, workers, address)
        Path(place.store).mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=place.store, prefix=".seen-") as seen:
            gpus = int(ray.cluster_resources().get("GPU", 0)) if place.device == "cuda" else 0
            workers = at_once(workers, gpus)
            remote = ray.remote(**_options(workers, gpus))(_fill_in_sight_of)
            running: dict[Any, Task] = {}
            while course.open:
                while len(running) < workers and (task := course.take()):
                    running[remote.remote(seen.name, place, task.specs)] = task
                for done in ray.wait(list(running), timeout=TICK)[0]:
                    task = running.pop(done)
                    course.settle(task, _outcome(ray, done, task))
                course.tell()
    finally:
        ray.shutdown()


def _ray() -> Any:
    try:
        return import_module("ray")
    except ModuleNotFoundError as error:
        raise SettingError("Ray is not installed; pip install 'memorization-claims[ray]'") from error


def _begin(ray: Any, workers: int, address: str | None) -> None:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    if address is None:
        # Not None, which would look for a cluster in the environment.
        ray.init(address="local", num_cpus=workers, include_dashboard=False, **quiet)
        return
    try:
        ray.init(address=address, **quiet)
    except (ConnectionError, ValueError) as error:
        raise SettingError(f"there is no cluster of Ray at {address!r}: {error}") from error


def _options(workers: int, gpus: int) -> dict[str, Any]:
    """A CPU and a part of a GPU for each task, in processes that stay; lost ones are replaced.

    With GPUs each task has a process of its own: one that has started CUDA keeps its GPU, whichever Ray means.
    """
    return {"num_cpus": 1, "num_gpus": share(workers, gpus), "max_calls": int(gpus > 0), "max_retries": TRIES - 1}


def at_once(workers: int, gpus: int) -> int:
    """How many tasks to run at a time: as many on every GPU, since Ray fills one before it takes the next."""
    return workers - workers % gpus if 0 < gpus < workers else workers


def share(workers: int, gpus: int) -> float:
    """The part of a GPU for each of some workers, so that all find room; Ray rounds to four digits, here down."""
    return 10_000 // -(-workers // gpus) / 10_000 if gpus else 0.0


def _fill_in_sight_of(seen: str, place: Place, specs: Sequence[DataSpec]) -> Outcome:
    """Do a task, if the store here is that of the driver.

    Raises:
        StoreError: it is another, in which nobody would look for what is made.
    """
    if not Path(seen).exists():
        raise StoreError(
            f"the store {place.store} is not the driver's on {os.uname().nodename}; legal is a folder that all share"
        )
    return fill(place, specs)


def _outcome(ray: Any, done: Any, task: Task) -> Outcome:
    """What became of a task."""
    try:
        outcome: Outcome = ray.get(done)
    except ray.exceptions.RayError as error:
        return went_wrong(task.specs, getattr(error, "cause", None) or error)
    return outcome
