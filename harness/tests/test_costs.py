"""What a worker tells of the costs of claims, and that a session with workers is balanced by it."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from memorization_claims.session import costs
from memorization_claims.tests import toy_project

KEEPS = """
import json, pathlib
import pytest
from memorization_claims.session import costs

def pytest_sessionfinish(session):
    if not hasattr(session.config, "workerinput"):
        pathlib.Path("told.json").write_text(json.dumps(costs.told(session.config)))
"""


def test_the_first_worker_is_asked() -> None:
    """It alone, by a file that is gone after the session; until it tells, and where it cannot, nothing is told."""
    config, cleanups = SimpleNamespace(stash=pytest.Stash()), list[Any]()
    config.add_cleanup = cleanups.append
    nodes: list[Any] = [SimpleNamespace(workerinput={}) for _ in range(3)]
    assert costs.told(config) == {}  # type: ignore[arg-type]
    for node in nodes:
        costs.ask(config, node)  # type: ignore[arg-type]
    assert [set(node.workerinput) for node in nodes] == [{costs.INPUT}, set(), set()]
    assert costs.told(config) == {}  # type: ignore[arg-type]
    file = Path(nodes[0].workerinput[costs.INPUT])
    costs.tell(SimpleNamespace(workerinput=nodes[0].workerinput), [])  # type: ignore[arg-type]
    assert json.loads(file.read_text(encoding="utf-8")) == {}
    file.write_text(json.dumps({"a": [3, 1.5], "b": [0, float("inf")]}), encoding="utf-8")
    assert costs.told(config) == {"a": (3, 1.5), "b": (0, float("inf"))}  # type: ignore[arg-type]
    for cleanup in cleanups:
        cleanup()
    assert not file.parent.exists()
    costs.tell(SimpleNamespace(workerinput=nodes[0].workerinput), [])  # type: ignore[arg-type]
    costs.tell(SimpleNamespace(), [])  # type: ignore[arg-type]


@pytest.mark.long
def test_a_session_with_workers(tmp_path: Path) -> None:
    """It is told what is trained; its verdicts are those of one without workers."""
    (tmp_path / "workers").mkdir()
    (tmp_path / "alone").mkdir()
    texts = {"test_trained": toy_project.TRAINED, "test_theorem": toy_project.THEOREM, "conftest": KEEPS}
    for name, workers in (("workers", ("-n", "2")), ("alone", ())):
        project = toy_project.write(tmp_path / name, **texts)
        done = toy_project.session(project, "-m", "fast", "--claims-report=record", *workers)
        assert done.returncode == 1, done.stdout + done.stderr
    told = json.loads((tmp_path / "workers/told.json").read_text(encoding="utf-8"))
    assert {name.partition("::")[0] for name in told} == {"test_trained.py"}
    assert len(told) == 5
    groups = sorted(group for group, _ in told.values())  # of T04 no other has the run
    assert groups == [groups[0]] * 4 + groups[4:]
    assert len(set(groups)) == 2
    assert all(seconds > 0 for _, seconds in told.values())
    entries = [toy_project.record(tmp_path / name / "record")["claims"] for name in ("workers", "alone")]
    first, second = ({entry["id"]: (entry["verdict"], entry["samples"]) for entry in each} for each in entries)
    assert first == second
