"""Fullscale claims run end to end on a pretended GPU, in miniature: the papers' nets on 20 images for one epoch."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from memorization_claims.session import devices
from memorization_claims.tests import miniature, toy_project
from memorization_claims.tests.toy_project import ROOT

CHOSEN = (
    "arpit2017/test_critical_samples.py::test_langevin_search_misses_no_more_than_a_few[fullscale-real]",
    "arpit2017/test_loss_sensitivity.py::test_training_depends_on_some_real_examples[fullscale-randX-total-l1]",
    "arpit2017/test_filters.py::test_what_is_learned_is_smooth[fullscale-real]",
    "gu2019/test_generator.py::test_generated_images_are_near_to_real_ones[fullscale-dcgan]",
    "zhang2017/test_architecture.py::test_crops_gain_more_than_weight_decay[fullscale-alexnet]",
    "zhang2017/test_architecture.py::test_crops_gain_more_than_weight_decay[fullscale-inception]",
    "zhang2017/test_random_labels.py::test_random_labels_are_fitted[fullscale-mlp-3x512]",
    "zhang2017/test_kernels.py::test_gabor_wavelets_cut_the_error[fullscale]",
    "zhang2017/test_kernels.py::test_a_ridge_cuts_the_error_after_random_filters[fullscale]",
)
"""One claim for each way of computing that CI has the time for: Langevin search, gradients through training, filters,
a DCGAN, crops for AlexNet and Inception, a stack of MLPs, kernels of either features."""


def _run(folder: Path, *chosen: str) -> dict[str, int]:
    """Verdicts of a session's claims, each of which must reach one on the pretended GPU."""
    miniature.write_data(folder)
    environment = {**os.environ, "PRETENDED_GPU_LEDGER": str(folder / "ledger.json")}
    environment.pop(devices.VISIBLE, None)
    plugins = ("memorization_claims.tests.pretended_gpu", "memorization_claims.tests.miniature")
    command = [sys.executable, "-m", "pytest", *toy_project.QUICK, "-q", *(f"-p{name}" for name in plugins)]
    options = ["--device=cuda", "--seeds=1", f"--data-root={folder}", f"--store={folder}/store", f"--report={folder}"]
    done = subprocess.run(
        [*command, *chosen, "-m", "fullscale", *options], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    found = toy_project.record(folder)
    assert not found["errors"], done.stdout
    assert found["environment"]["device"] == "pretended GPU"
    assert json.loads((folder / "ledger.json").read_text(encoding="utf-8"))["launches"] > 1000
    summary: dict[str, int] = found["summary"]
    return summary


def test_one_claim_for_each_way_of_computing_reaches_a_verdict(tmp_path: Path) -> None:
    """None meets an error, and none is skipped."""
    summary = _run(tmp_path, *(f"claims/{item}" for item in CHOSEN))
    assert summary["skipped"] == 0
    assert summary["supported"] + summary["refuted"] + summary["undecided"] == len(CHOSEN)


@pytest.mark.long
def test_every_claim_reaches_a_verdict(tmp_path: Path) -> None:
    """None meets an error, and none is skipped: `pytest harness/tests/test_fullscale_on_pretended_gpu.py -m long`."""
    assert _run(tmp_path, "claims")["skipped"] == 0
