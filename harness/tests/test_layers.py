"""Which part may import which, and what is imported when."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from memorization_claims.tests import toy_project
from memorization_claims.tests.toy_project import ROOT

LAYERS = (
    ("cli", "plugin"),
    ("session",),
    ("reports", "drawing", "controls"),
    ("lab", "judging"),
    ("plan",),
    ("measures", "generators", "statistics", "store"),
    ("training",),
    ("models",),
    ("data",),
    ("spec",),
    ("seed",),
    ("errors",),
)
"""From the outside in: a part imports from its own line and from those below."""
WITHOUT_PYTEST = ("data", "models", "measures", "generators", "statistics", "training", "store", "spec", "seed", "plan")
WITHOUT_TORCH = ("plugin", "session", "judging", "cli", "statistics", "reports", "store", "plan", "spec")


def modules() -> dict[str, Path]:
    """Every module of the project by name, but for tests and benchmarks."""
    found = {}
    for package in ("harness", "fixtures", "claims"):
        for path in (ROOT / package).rglob("*.py"):
            parts = path.relative_to(ROOT).with_suffix("").parts
            if not {"tests", "benchmarks"} & set(parts):
                place = ".".join(parts).removesuffix(".__init__")
                found[place.replace("harness", "memorization_claims", 1)] = path
    return found


MODULES = modules()


def imports(name: str) -> set[str]:
    """What a module imports anywhere in it, but for annotations' sake: modules of ours whole, of others the top."""
    found: set[str] = set()
    for node in _running(ast.parse(MODULES[name].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = ".".join([*name.split(".")[: -node.level], node.module or ""]) if node.level else str(node.module)
            full = {f"{module}.{alias.name}" for alias in node.names}
            found |= {each if each in MODULES else module for each in full}
    return {each if each in MODULES else each.split(".")[0] for each in found}


def _running(tree: ast.AST) -> list[ast.AST]:
    """The nodes that run: those under `if TYPE_CHECKING` do not."""
    found = [tree]
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        found += _running(node)
    return found


IMPORTS = {name: imports(name) for name in MODULES}


def reached(name: str) -> set[str]:
    """What a module imports, itself or by what it imports."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        for each in IMPORTS.get(waiting.pop(), set()) - found:
            found.add(each)
            waiting.append(each)
    return found


def part_of(name: str) -> str:
    """The part of the harness that a module belongs to: mutants are controls, wherever what they break stands."""
    if name.endswith(".mutants"):
        return "controls"
    return name.split(".")[1] if "." in name else ""


@pytest.mark.parametrize("part", WITHOUT_PYTEST)
def test_science_knows_nothing_of_pytest(part: str) -> None:
    """Neither a module nor anything that it imports imports pytest."""
    inside = [name for name in MODULES if name.startswith("memorization_claims.") and part_of(name) == part]
    assert inside
    assert not [name for name in inside if "pytest" in reached(name)]


def test_imports_run_one_way() -> None:
    """No part of the harness imports what lies further out, and every part has its place."""
    place = {part: depth for depth, layer in enumerate(LAYERS) for part in layer}
    assert {part_of(name) for name in MODULES if name.startswith("memorization_claims.")} == set(place)
    upwards = [
        f"{name} imports {other}"
        for name, others in IMPORTS.items()
        for other in others
        if name.startswith("memorization_claims.")
        and other.startswith("memorization_claims.")
        and place[part_of(name)] > place[part_of(other)]
    ]
    assert not upwards


def test_the_harness_knows_no_claim() -> None:
    """Claims import the harness, never the other way, nor each other's papers, but for departures that papers share."""
    assert not [name for name in MODULES if not name.startswith("claims") and _packages(name) & {"claims"}]
    assert not [name for name in MODULES if name.startswith("memorization_claims") and _packages(name) & {"fixtures"}]
    for name in MODULES:
        if name.startswith("claims."):
            others = {part_of(other) for other in IMPORTS[name] if other.startswith("claims.")}
            assert others <= {part_of(name), "departures"}


def _packages(name: str) -> set[str]:
    return {other.split(".")[0] for other in IMPORTS[name]}


def imported(script: str, folder: Path) -> set[str]:
    """The modules that a process has imported after a script."""
    script += "\nimport sys; open('modules', 'w').write(' '.join(sys.modules))"
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": ""}
    subprocess.run([sys.executable, "-c", script], cwd=folder, env=environment, check=True, capture_output=True)
    return set((folder / "modules").read_text(encoding="utf-8").split())


def test_the_plugin_does_not_wait_for_torch(tmp_path: Path) -> None:
    """Options, help, the command line and all that verdicts are reached with are imported without it."""
    names = [name for name in MODULES if name.startswith("memorization_claims.") and part_of(name) in WITHOUT_TORCH]
    # Charts are drawn when a session is over.
    names = [name for name in names if not name.startswith("memorization_claims.reports.html")]
    found = imported("\n".join(f"import {name}" for name in names), tmp_path)
    assert not {"torch", "torchvision", "scipy", "sklearn", "matplotlib"} & found


def test_a_session_imports_no_more_than_it_needs(tmp_path: Path) -> None:
    """Claims on digits are judged without torchvision."""
    toy_project.write(tmp_path, test_trained=toy_project.TRAINED)
    arguments = [*toy_project.QUICK, "-q", "-k", "test_supported", "test_trained.py"]
    found = imported(f"import pytest\nassert pytest.main({arguments!r}) == 0", tmp_path)
    assert "torch" in found
    assert not {"torchvision", "matplotlib"} & found
