"""The record of a session: one entry a claim, as plain values that JSON can hold."""

from __future__ import annotations

import importlib.util
import json
import platform
import runpy
import subprocess
from collections import Counter
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from memorization_claims.reports import effects, whole
from memorization_claims.statistics.verdict import Verdict

SCHEMA = "memorization-claims/verdicts/2"


def entry(
    verdict: Verdict,
    *,
    item: str,
    nodeid: str,
    scale: str,
    dataset: str,
    says: str,
    source: str,
    paper: str,
    refuted_by: str,
    margin_reason: str,
    expected: str,
    known: str,
    notes: tuple[str, ...],
    departs: tuple[str, ...],
    seconds: dict[str, float],
    runs: dict[str, int],
) -> dict[str, Any]:
    """One claim's entry.

    Args:
        verdict: gives the verdict, the runs that were counted, the effect and the samples.
        item: the claim's id with its parameters.
        nodeid: pytest's.
        scale: fast or fullscale.
        dataset: name of the data.
        says: the claim in a sentence.
        source: paper and place.
        paper: the paper's key.
        refuted_by: the observation that would refute it.
        margin_reason: why the margin is what it is.
        expected: the verdict that was expected.
        known: what was found before, where that is not what the paper claims; else empty.
        notes: how it was judged on its data; those of the verdict go before.
        departs: departures from the paper.
        seconds: of training (when the runs were trained), of measuring, and of the wall clock.
        runs: how many were trained and how many reused.
    """
    return {
        "id": item,
        "nodeid": nodeid,
        "scale": scale,
        "dataset": dataset,
        "says": says,
        "source": source,
        "paper": paper,
        "refuted_by": refuted_by,
        "margin_reason": margin_reason,
        "expected": expected,
        "known": known,
        **(plain := verdict.to_dict()),
        "notes": [*plain["notes"], *notes],
        "departs": list(departs),
        "seconds": {key: round(float(value), 3) for key, value in seconds.items()},
        "runs": {key: int(value) for key, value in runs.items()},
    }


def document(
    entries: list[dict[str, Any]],
    errors: list[dict[str, str]],
    skipped: list[dict[str, str]],
    figures: list[dict[str, Any]],
    *,
    papers: dict[str, dict[str, str]],
    pack: tuple[str, str | None],
    device: str,
    options: dict[str, Any],
    root: Path,
    seconds: dict[str, float],
    stopped: str = "",
    computed: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The whole record: what was judged, and what it was reached under.

    Args:
        entries: one for each claim that was judged; the record holds them in the order of their ids.
        errors: id and message of each test that went wrong.
        skipped: id and reason of each test that was skipped.
        figures: panels; one that several items of a claim hand over is kept once.
        papers: the papers that claims were judged of: how each is cited (`short`) and its `bibtex`, by key.
        pack: name and version of the pack of claims.
        device: name of the device.
        options: what the user asked for.
        root: the pack's folder, whose commit is noted.
        seconds: what the session took, of the `processor` and of the clock, `wall`.
        stopped: why the session ended before it had judged everything; empty if it did not.
        computed: what is to be known of how the device computed, by name; what is empty is left out.
    """
    entries = sorted(entries, key=lambda one: (one["id"], one["scale"], one["nodeid"]))
    counts = Counter(one["verdict"] for one in entries)
    environment = _environment(device, root) | {name: told for name, told in (computed or {}).items() if told}
    return {
        "schema": SCHEMA,
        "environment": environment,
        "pack": {"name": pack[0], "version": pack[1], "commit": environment["commit"]},
        "options": options,
        "stopped": stopped,
        "summary": {
            **{verdict: counts[verdict] for verdict in ("supported", "refuted", "undecided")},
            "as_expected": sum(one["verdict"] == one["expected"] for one in entries),
            "fragile": sum(map(effects.fragile, entries)),
            "errors": len(errors),
            "skipped": len(skipped),
            "seconds": seconds,
        },
        "papers": {key: papers[key] for key in sorted(papers)},
        "claims": entries,
        "errors": errors,
        "skipped": skipped,
        "figures": _panels(figures),
    }


def _panels(drawn: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each panel once, by the first of the items that draw the same."""
    kept: dict[str, dict[str, Any]] = {}
    # An item's panels stay in the order in which its claim draws them.
    for panel in sorted(drawn, key=lambda one: (one["paper"], one["figure"], one["item"])):
        kept.setdefault(json.dumps(panel | {"item": ""}, sort_keys=True), panel)
    return list(kept.values())


def write(record: dict[str, Any], folder: Path) -> Path:
    """Write verdicts.json into the folder, whole or not at all.

    Raises:
        OSError: where the folder cannot be made or written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return whole.write(folder / "verdicts.json", json.dumps(record, indent=1, allow_nan=False) + "\n")


def _environment(device: str, root: Path) -> dict[str, Any]:
    packages = {name: _version(name) for name in ("torch", "torchvision", "numpy", "scipy", "scikit-learn", "pytest")}
    return {
        "memorization_claims": _version("memorization-claims"),
        "python": platform.python_version(),
        **packages,
        "cuda": _cuda(),
        "device": device,
        "threads": 1,
        "platform": platform.platform(),
        "commit": _commit(root),
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _cuda() -> str | None:
    """The CUDA that torch was built for; None for a torch without."""
    torch = importlib.util.find_spec("torch")
    if torch is None or torch.origin is None:
        return None
    built_for = runpy.run_path(str(Path(torch.origin).with_name("version.py"))).get("cuda")
    return str(built_for) if built_for else None


def _commit(root: Path) -> str | None:
    command = ["git", "-C", str(root), "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=10).stdout.strip() or None
    except (OSError, subprocess.SubprocessError):
        return None
