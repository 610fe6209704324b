"""Sums over what a session needs: by net, and over all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from memorization_claims.price.devices import Device, balanced, seconds

Look = Literal["first", "most"]
LOOKS: tuple[Look, ...] = ("first", "most")
Job = Mapping[str, Any]
"""As `price.bill.bill` gives it."""


def missing(job: Job, device: Device, look: Look) -> list[int]:
    """The seeds of a job's runs that are needed until a look and are not in the store."""
    first, stored = job["spec"]["seed"], set(job["stored"][device.kind])
    return [seed for seed in range(first, first + job[look]) if seed not in stored]


def by_net(jobs: Iterable[Job], device: Device) -> list[dict[str, Any]]:
    """The jobs of each net and data set, the dearest first; all but `most_seconds` is of the first look."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for job in jobs:
        name = (job["model"], job["data"])
        zero = dict.fromkeys(("runs", "stored", "nets", "parameters", "flops", "moved", "launches", "peak"), 0)
        zero |= dict.fromkeys(("kept", "seconds", "most_seconds"), 0)
        row = rows.setdefault(name, {"kind": job["kind"], "model": name[0], "data": name[1], **zero, "passes": {}})
        count, work, cost = len(missing(job, device, "first")), job["work"][device.kind], seconds(job, device)
        row["runs"] += count
        row["stored"] += job["first"] - count
        row["nets"] += count * job["nets"]
        for largest, value in (("parameters", job["parameters"]), ("peak", work["peak"])):
            row[largest] = max(row[largest], value)
        for sum_of in ("flops", "moved", "launches"):
            row[sum_of] += count * work[sum_of]
        row["kept"] += count * job["kept"]
        row["seconds"] += count * cost
        row["most_seconds"] += len(missing(job, device, "most")) * cost
        for what, images in job["passes"].items():
            row["passes"][what] = row["passes"].get(what, 0) + count * images
    return sorted(rows.values(), key=lambda row: -row["seconds"])


def at(jobs: Iterable[Job], device: Device, look: Look, workers: int) -> dict[str, Any]:
    """All that is to be trained until a look: `runs`, `stored`, `flops`, bytes `kept`, and `seconds`.

    Beside the seconds of one worker stand those until the last of several is done, `balanced`, and those of the
    `longest` job, below which no number of workers takes them.
    """
    counted = [(job, len(missing(job, device, look)), seconds(job, device)) for job in jobs]
    return {
        "runs": sum(count for _, count, _ in counted),
        "stored": sum(job[look] - count for job, count, _ in counted),
        "flops": sum(count * job["work"][device.kind]["flops"] for job, count, _ in counted),
        "kept": sum(count * job["kept"] for job, count, _ in counted),
        "seconds": sum(count * cost for _, count, cost in counted),
        "balanced": balanced([(cost, count) for _, count, cost in counted], workers),
        "longest": max((cost for _, count, cost in counted if count), default=0.0),
    }


def by_stage(jobs: Sequence[Job], device: Device, stages: Iterable[int]) -> list[dict[str, Any]]:
    """What each stage costs after those before it, which have trained what it shares with them.

    Args:
        jobs: all of them.
        device: of a worker.
        stages: of each item.
    """
    return [
        {"stage": stage, "items": number}
        | {
            name: sum(len(missing(job, device, look)) * seconds(job, device) for job in jobs if job["stage"] == stage)
            for name, look in (("seconds", LOOKS[0]), ("most_seconds", LOOKS[1]))
        }
        for stage, number in sorted(Counter(stages).items())
    ]
