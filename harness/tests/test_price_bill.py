"""What items need together, of that what is stored, and the hours that devices make of it."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from memorization_claims.errors import SettingError
from memorization_claims.lab.laboratory import Laboratory
from memorization_claims.plan.plan import Cases, Plan
from memorization_claims.price import devices, totals
from memorization_claims.price.bill import Asked, bill
from memorization_claims.spec.kernel import KernelSpec
from memorization_claims.spec.recipe import Recipe
from memorization_claims.tests.training_samples import CPU, spec

BASE = spec(model="mlp-1x4", recipe=Recipe(rate=0.1, batch=10, epochs=2))
TWO = Plan(base=BASE, conditions={"slow": {}, "fast": {"recipe": replace(BASE.recipe, rate=0.2)}})
LOOKS = (3, 5)


@pytest.fixture
def laboratory(tmp_path: Path) -> Laboratory:
    """A place with an empty store and no data but digits."""
    return Laboratory(tmp_path / "store", tmp_path / "data", CPU)


def jobs(laboratory: Laboratory, *asked: Asked, seed: int = 700_000) -> list[dict[str, Any]]:
    """The jobs of these items."""
    found: list[dict[str, Any]] = bill(asked, laboratory, seed)["jobs"]
    return found


def test_items_share_runs(laboratory: Laboratory) -> None:
    """A run that two items ask for is needed once, at as many seeds as the one that asks for more."""
    one = replace(TWO, conditions={"other name": {}})
    found = jobs(laboratory, Asked(TWO, LOOKS), Asked(TWO, LOOKS), Asked(one, (4, 9)))
    assert [(job["kind"], job["model"], job["first"], job["most"]) for job in found] == [
        ("run", "mlp-1x4", 4, 9),
        ("run", "mlp-1x4", 3, 5),
    ]


def test_one_data_set_under_two_names(laboratory: Laboratory, tmp_path: Path) -> None:
    """Runs are told apart by what the store names them by, which is not where their data lie."""
    import numpy as np

    rng = np.random.default_rng(0)
    names = [str(tmp_path / f"{name}.npz") for name in "ab"]
    arrays: dict[str, Any] = {"x_train": rng.random((200, 8, 8), np.float32), "y_train": np.arange(200) % 4}
    for name in names:
        np.savez(name, **arrays)
    asked = [Asked(TWO.changed(data=name), LOOKS) for name in names]
    assert len(jobs(laboratory, *asked)) == len(jobs(laboratory, asked[0])) == 2


def test_what_is_stored(laboratory: Laboratory) -> None:
    """Runs that were trained are known by their keys, on this device alone; a price trains none and makes no store."""
    assert [job["stored"]["cpu"] for job in jobs(laboratory, Asked(TWO, LOOKS))] == [[], []]
    assert not laboratory.store_path.exists()
    laboratory.runs(replace(TWO, conditions={"slow": {}}), [700_000, 700_001, 700_004])
    slow, fast = jobs(laboratory, Asked(TWO, LOOKS))
    assert slow["stored"] == {"cpu": [700_000, 700_001, 700_004], "cuda": []}
    assert fast["stored"]["cpu"] == []
    cpu = devices.BUILT_IN["cpu"]
    assert [totals.missing(slow, cpu, look) for look in totals.LOOKS] == [[700_002], [700_002, 700_003]]
    elsewhere = jobs(laboratory, Asked(TWO, LOOKS), seed=0)
    assert [job["stored"]["cpu"] for job in elsewhere] == [[], []]


def test_fits_generators_and_cases(laboratory: Laboratory) -> None:
    """All that items ask for, with what has no price."""
    generated = replace(TWO, generator={"kind": "dcgan", "width": 4, "epochs": 2})
    linear = replace(TWO, generator={"kind": "pca", "latent": 3})
    fits = Plan(base=KernelSpec(data="digits", subset=60, validation=40), conditions={"pixels": {}})
    missing = TWO.changed(data="cifar10")
    unknown = TWO.changed(data="nowhere.npz")
    asked = [Asked(each, LOOKS) for each in (generated, linear, fits, missing, unknown)]
    found = bill([*asked, Asked(Cases(number=7), (7,))], laboratory, 0)
    assert (found["items"], found["cases"], found["missing"]) == (6, 7, ["cifar10"])
    assert [job["kind"] for job in found["jobs"]].count("run") == 4
    assert {job["model"] for job in found["jobs"]} == {
        "mlp-1x4",
        "generator dcgan",
        "generator pca",
        "kernel of pixels",
    }
    assert [job["first"] for job in found["jobs"] if job["kind"] == "generator"] == [3, 3]
    of_pca, of_data = found["unpriced"]
    assert of_pca.startswith("generator pca")
    assert "nowhere.npz" in of_data
    assert json.loads(json.dumps(found)) == found


def test_sums_by_net(laboratory: Laboratory) -> None:
    """They are those of the jobs."""
    wide = TWO.changed(model="mlp-1x9", nets=2)
    found = jobs(laboratory, Asked(TWO, LOOKS), Asked(wide, LOOKS))
    h100 = devices.BUILT_IN["h100"]
    rows = totals.by_net(found, h100)
    assert {row["model"]: (row["runs"], row["nets"]) for row in rows} == {"mlp-1x4": (6, 6), "mlp-1x9": (6, 12)}
    together = totals.at(found, h100, "first", 2)
    assert together["runs"] == 12
    for what in ("flops", "kept", "seconds"):
        assert together[what] == pytest.approx(sum(row[what] for row in rows))
    assert totals.at(found, h100, "most", 2)["seconds"] == pytest.approx(sum(row["most_seconds"] for row in rows))
    assert together["longest"] < together["balanced"] < together["seconds"]


def test_balance() -> None:
    """Longest first: never above 4/3 of the best order, nor below the mean or the longest job."""
    costs = [7.0, 7.0, 6.0, 6.0, 5.0, 5.0, 4.0, 4.0, 4.0]
    assert devices.balanced([(7, 2), (6, 2), (5, 2), (4, 3)], 4) == 15  # Graham's own worst case
    best = min(
        max(sum(cost for cost, owner in zip(costs[:6], owners, strict=True) if owner == each) for each in range(3))
        for owners in itertools.product(range(3), repeat=6)
    )
    found = devices.balanced([(cost, 1) for cost in costs[:6]], 3)
    assert best <= found <= (4 / 3 - 1 / 9) * best
    assert devices.balanced([(9.0, 1), (1.0, 2)], 8) == 9
    assert devices.balanced([(9.0, 1), (1.0, 2)], 1) == 11
    assert devices.balanced([], 2) == 0


def test_seconds_by_hand() -> None:
    """A processor computes after it has launched; a GPU while more is launched."""
    work = {"flops": 2e12, "moved": 3e9, "launches": 1e6, "drawn": 1e9, "peak": 0}
    job = {"work": {"cpu": work, "cuda": work}, "double": False}
    rates: dict[str, Any] = {
        "tflops": 1.0,
        "double_tflops": 0.5,
        "gigabytes": 1.0,
        "launch": 7.0,
        "draw": 4.0,
        "source": "",
    }
    cpu, gpu = devices.Device(kind="cpu", **rates), devices.Device(kind="cuda", **rates)
    assert devices.seconds(job, cpu) == pytest.approx(2 + 3 + 7 + 4)
    assert devices.seconds(job, gpu) == pytest.approx(7 + 4)
    assert devices.seconds(job | {"double": True}, replace(gpu, launch=1.0)) == pytest.approx(4 + 3)


def test_constants_of_a_file(tmp_path: Path) -> None:
    """What is no description of a device is refused in one line."""
    given = {
        "kind": "cuda",
        "tflops": 9,
        "double_tflops": 1.5,
        "gigabytes": 20,
        "launch": 5,
        "draw": 3,
        "source": "measured",
    }
    (file := tmp_path / "constants.json").write_text(json.dumps({"mine": given}), encoding="utf-8")
    assert devices.read(file)["mine"].tflops == 9
    for wrong in ({"mine": given | {"tflops": 0}}, {"mine": {"kind": "cuda"}}, {"mine": given | {"kind": "tpu"}}, [1]):
        file.write_text(json.dumps(wrong), encoding="utf-8")
        with pytest.raises(SettingError, match="legal is JSON of devices by name") as refused:
            devices.read(file)
        assert "\n" not in str(refused.value)
    with pytest.raises(SettingError, match="No such file"):
        devices.read(tmp_path / "nowhere")
