"""What trainings on ImageNet cost, beside what a session trains."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from memorization_claims.cli import plan as command
from memorization_claims.cli.main import main
from memorization_claims.lab.laboratory import Laboratory
from memorization_claims.plan.plan import Plan
from memorization_claims.price.bill import Asked, bill
from memorization_claims.price.imagenet import price
from memorization_claims.spec.imagenet import ImagenetSpec
from memorization_claims.store import Store
from memorization_claims.tests.imagenet_samples import put_record
from memorization_claims.tests.training_samples import CPU

SPEC = ImagenetSpec()
PLAN = Plan(base=SPEC, conditions={"plain": {}, "dropped": {"dropout": 0.2}})


def test_a_training_against_published_numbers() -> None:
    """27.16 million parameters and 5.713 GMAC an image, as torchvision publishes; backward takes twice as much."""
    whole, more = price(SPEC), price(replace(SPEC, validation_images=100_000))
    evaluated = (more.work["cuda"].flops - whole.work["cuda"].flops) / (100_000 * SPEC.epochs)
    assert evaluated == pytest.approx(2 * 5.713e9, rel=0.01)
    training = whole.work["cuda"].flops - evaluated * (whole.passes["evaluation"] + whole.passes["validation"])
    assert whole.passes["training"] == 100 * 5004 * 256
    # The auxiliary classifier adds what the first layer spares, which needs no gradient in its input.
    assert training / whole.passes["training"] / evaluated == pytest.approx(3, abs=0.03)
    assert whole.parameters == 27_161_264
    assert 2e9 < whole.work["cuda"].peak < 10e9


def test_trainings_are_priced_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that are stored are known; a session's sums have none of them, and a line of their own has all."""
    laboratory = Laboratory(tmp_path / "store", tmp_path / "data", CPU)
    put_record(Store(tmp_path / "store"), replace(SPEC, seed=700_001), {"train_accuracy": 0.5})
    made = bill([Asked(PLAN, (12,)), Asked(PLAN, (12,))], laboratory, 700_000)
    plain, dropped = made["jobs"]
    assert [(job["kind"], job["model"], job["data"]) for job in made["jobs"]] == [
        ("training", "inception-v3", "imagenet")
    ] * 2
    assert plain["stored"] == {kind: [700_001] for kind in ("cpu", "cuda")}
    assert dropped["stored"]["cuda"] == []
    assert (made["missing"], made["unpriced"]) == (["imagenet"], [])

    def collect(arguments: list[str], also: str) -> dict[str, Any]:
        return {"price": made | {"stages": [1, 1]}}

    monkeypatch.setattr(command, "collect", collect)
    told = " ".join(CliRunner().invoke(main, ["plan", "--device", "h100"]).stdout.split())
    assert "At the first look: 0 to train or fit for 2 items, 0 more are stored; 0 PFLOP" in told
    assert "since torchrun trains it and no session: 23 trainings on ImageNet, 1 more are stored; " in told
