"""Do other processes, numbers of threads and instruction sets give the same bits?

As a module it is such a process: `python -m memorization_claims.doctor.processes DEVICE THREADS FILE NETS`, where NETS
is JSON, writes what it trained to FILE.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import torch
from safetensors.numpy import load_file, save_file

from memorization_claims.doctor.answer import Answer
from memorization_claims.doctor.difference import largest, told
from memorization_claims.doctor.tried import Tried, trained
from memorization_claims.session.compute import set_up
from memorization_claims.spec.arithmetic import arithmetic_of
from memorization_claims.training.cohort import Result

SAME = "another process"
THREADS = (2, 4)
"""As far as there are cores."""


def processes(nets: Sequence[Tried], device: torch.device, instructions: Mapping[str, Mapping[str, str]]) -> Answer:
    """Train each net here and in other processes; fails where one that is set up alike gives other bits, or none.

    Args:
        nets: to train.
        device: where; on a CPU with other numbers of threads too, and with other instructions.
        instructions: sets of them by name, each with the variables of the environment that limit a process to it.
    """
    own = {str(net): trained(net, device)[0] for net in nets}
    ways: dict[str, tuple[int, Mapping[str, str]]] = {SAME: (1, {})}
    if device.type == "cpu":
        ways |= {f"{number} threads": (number, {}) for number in THREADS if number <= (os.cpu_count() or 1)}
        ways |= {f"instructions {name}": (1, variables) for name, variables in instructions.items()}
    rows: list[tuple[str, ...]] = []
    failed = False
    says = (
        "where they are set up alike; torch computes on one thread a worker, and results of other instructions differ "
        "by rounding, which training may enlarge"
    )
    for way, (threads, variables) in ways.items():
        found = _elsewhere(nets, device, threads, variables)
        if isinstance(found, str):
            rows.append((way, *("not run" for _ in nets), found))
            says = "unknown: another process that is set up alike could not be run" if way == SAME else says
            failed |= way == SAME
            continue
        apart = [largest(own[name], found[name]) for name in own]
        rows.append((way, *map(told, apart), ""))
        if way == SAME and any(apart):
            says, failed = "no: two processes that are set up alike differ", True
    return Answer(
        question="Do other processes give the same bits?",
        says=says,
        columns=("largest difference", *own, "because"),
        rows=rows,
        failed=failed,
    )


def _elsewhere(
    nets: Sequence[Tried], device: torch.device, threads: int, variables: Mapping[str, str]
) -> dict[str, Result] | str:
    """What another process trains, by net; why it does not, where it does not."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "results.safetensors")
        words = [str(device), str(threads), str(file), json.dumps([asdict(net) for net in nets])]
        command = [sys.executable, "-P", "-m", __name__, *words]
        done = subprocess.run(command, env={**os.environ, **variables}, capture_output=True, text=True)
        if done.returncode:
            return (done.stderr.strip() or f"exit status {done.returncode}").splitlines()[-1]
        results: dict[str, Result] = {str(net): {} for net in nets}
        for key, array in load_file(file).items():
            net, _, name = key.partition("/")
            results[net][name] = array
    return results


def _main(device: str, threads: str, file: str, nets: str) -> None:
    place = set_up(device, arithmetic_of(device))
    torch.set_num_threads(int(threads))
    tried = [Tried(**each) for each in json.loads(nets)]
    arrays = {f"{net}/{name}": array for net in tried for name, array in trained(net, place)[0].items()}
    save_file(arrays, file)


if __name__ == "__main__":
    _main(*sys.argv[1:])
