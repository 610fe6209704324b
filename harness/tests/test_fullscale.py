"""Fullscale claims run end to end, in miniature: the papers' nets on 20 images for one epoch."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from memorization_claims.tests import miniature, toy_project
from memorization_claims.tests.toy_project import ROOT


def test_every_fullscale_claim_reaches_a_verdict(tmp_path: Path) -> None:
    """On a CPU that was asked for: none is skipped, none meets an error, and one seed is too few to decide."""
    miniature.write_data(tmp_path)
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": ""}
    command = [
        sys.executable,
        "-m",
        "pytest",
        *toy_project.QUICK,
        "-q",
        "-p",
        "memorization_claims.tests.miniature",
        str(ROOT / "claims"),
    ]
    options = [
        "--device=cpu",
        "--seeds=1",
        "-n2",
        f"--data-root={tmp_path}",
        f"--store={tmp_path}/store",
        f"--report={tmp_path}",
    ]
    done = subprocess.run(
        [*command, "-m", "fullscale", *options], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    found = toy_project.record(tmp_path)
    assert not found["errors"], done.stdout
    assert found["summary"]["skipped"] == 0
    assert len(found["claims"]) > 20
    assert {entry["scale"] for entry in found["claims"]} == {"fullscale"}
    undecided = {entry["id"] for entry in found["claims"] if entry["verdict"] == "undecided"}
    assert undecided == {entry["id"] for entry in found["claims"] if entry["kind"] != "exact"}
