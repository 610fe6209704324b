"""What a session of `claims stability` differs in from the rest: the base seed, the arithmetic, or the order of work.

That torch computes on one thread a worker is no choice of a session's, so the number of threads is no variation.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from memorization_claims.cli.usage import BadUsageError

VARIABLES = ("ATEN_CPU_CAPABILITY", "DNNL_MAX_CPU_ISA", "MKL_ENABLE_INSTRUCTIONS", "OPENBLAS_CORETYPE")
"""What limits the instructions of torch's own kernels, of oneDNN and MKL below it, and of OpenBLAS below NumPy."""
INSTRUCTIONS: Mapping[str, Sequence[str]] = {
    "default": ("default", "SSE41", "SSE4_2", "Nehalem"),
    "avx2": ("avx2", "AVX2", "AVX2", "Haswell"),
    "avx512": ("avx512", "AVX512_CORE", "AVX512", "SkylakeX"),
}
"""Their values by torch's name."""
BACKWARDS = ("-p", "memorization_claims.cli.backwards")
FACTS = """
import json, platform
from importlib.metadata import version
import torch
from memorization_claims.cli import handover
capability = torch.backends.cpu.get_cpu_capability()
versions = {name: version(name) for name in ("torch", "numpy")}
print(json.dumps(versions | {"instructions": capability, "machine": platform.machine()}))
"""
"""What an interpreter prints of what decides numbers there."""


@dataclass(frozen=True)
class Variation:
    """How one session is run."""

    name: str
    arguments: tuple[str, ...] = ()
    """Of pytest, after all others."""
    environment: tuple[tuple[str, str], ...] = ()
    """Names and values of variables beside those of this process."""
    python: str = sys.executable
    """The interpreter."""


@cache
def facts(python: str, environment: tuple[tuple[str, str], ...] = ()) -> dict[str, Any]:
    """What decides numbers there: versions of torch and NumPy, the instructions that torch uses, the kind of machine.

    Args:
        python: an interpreter.
        environment: names and values of variables beside those of this process.

    Raises:
        BadUsageError: the interpreter is not there, or lacks a package.
    """
    legal = "legal is an interpreter whose environment has memorization_claims"
    command = [python, "-P", "-c", FACTS]
    try:
        done = subprocess.run(command, env={**os.environ, **dict(environment)}, capture_output=True, encoding="utf-8")
    except OSError as error:
        raise BadUsageError(f"{python} cannot be run: {error.strerror}; {legal}") from error
    if done.returncode:
        wrong = (done.stderr.strip() or f"exit status {done.returncode}").splitlines()[-1]
        raise BadUsageError(f"{python} cannot judge claims: {wrong}; {legal}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def chosen(
    seeds: Sequence[int],
    instructions: Sequence[str],
    pythons: Sequence[str],
    workers: Sequence[int],
    *,
    backwards: bool,
) -> list[Variation]:
    """The variations that are asked for, each once.

    Raises:
        BadUsageError: an interpreter is of no use, or two have the same torch.
    """
    found: dict[str, Variation] = {}
    for each in _asked(seeds, instructions, pythons, workers, backwards):
        if each != found.setdefault(each.name, each):
            raise BadUsageError(
                f"--python is {found[each.name].python} and {each.python}, both {each.name}; "
                "legal are interpreters with different releases of torch"
            )
    return list(found.values())


def _asked(
    seeds: Sequence[int], instructions: Sequence[str], pythons: Sequence[str], workers: Sequence[int], backwards: bool
) -> Iterator[Variation]:
    for seed in seeds:
        yield Variation(f"seed-{seed}", ("--claims-base-seed", str(seed)))
    for name in instructions:
        values = tuple(zip(VARIABLES, INSTRUCTIONS[name], strict=True))
        yield Variation(f"instructions-{name}", environment=values)
    for python in pythons:
        yield Variation(f"torch-{facts(python)['torch']}", python=python)
    for number in workers:
        yield Variation(f"workers-{number}", ("-n", str(number)))
    if backwards:
        yield Variation("reversed", BACKWARDS)
