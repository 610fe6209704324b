"""Whole fits: NumPy on the explicit matrices, the rules of choice, and the constructions that do not generalise."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from memorization_claims.data.dataset import Dataset, prepare
from memorization_claims.data.source import load
from memorization_claims.errors import UndecidableError
from memorization_claims.measures.kernels import selection
from memorization_claims.measures.kernels.fit import fit, points_of
from memorization_claims.measures.kernels.gaussian import median_distance, squared_distances
from memorization_claims.measures.kernels.selection import MULTIPLES, RIDGES, choose_bandwidth, choose_ridge
from memorization_claims.spec.data import Corruption
from memorization_claims.spec.kernel import Centres, ExtraPoints, Features, KernelSpec

CPU = torch.device("cpu")
BASE = KernelSpec(data="digits", subset=80, validation=60, bandwidth=1.0, filters=10)


def data_of(spec: KernelSpec) -> Dataset:
    """A fit's data."""
    return prepare(spec, load(spec.data, Path()))


def numbers(spec: KernelSpec) -> dict[str, float]:
    """A fit on the CPU."""
    return fit(spec, data_of(spec), CPU)


def kernel(first: np.ndarray, second: np.ndarray, bandwidth: float) -> np.ndarray:
    """The Gaussian kernel, as it is written."""
    return np.asarray(np.exp(-((first[:, None] - second[None]) ** 2).sum(axis=2) / (2 * bandwidth**2)))


def median(inputs: np.ndarray) -> float:
    """The lower median of the distances between different points, as it is written."""
    distances = [np.linalg.norm(a - b) for i, a in enumerate(inputs) for b in inputs[:i]]
    return float(np.sort(distances)[(len(distances) - 1) // 2])


@pytest.mark.parametrize("extra", get_args(ExtraPoints))
@pytest.mark.parametrize("centres", get_args(Centres))
def test_a_fit_agrees_with_numpy(extra: ExtraPoints, centres: Centres) -> None:
    """Errors, norm and residual of the explicit solution, whose centres are where the spec says."""
    spec = replace(BASE, extra=extra, centres=centres)
    data, found = data_of(spec), numbers(spec)
    points = points_of(spec, data, CPU)
    rows = points.images.double().flatten(1).numpy()
    count = 80 if extra == "none" else 110
    x, test = rows[:count], rows[count:140]
    z = x if centres == "data" else rows[140:]
    assert len(z) == count
    bandwidth = median(rows[:80])
    y = np.eye(10)[points.fitted.numpy()]
    a = np.linalg.solve(kernel(x, z, bandwidth), y)
    wrong = (kernel(test, z, bandwidth) @ a).argmax(axis=1) != points.test.numpy()
    assert found["test_error"] == wrong.mean()
    assert found["log_test_error"] == pytest.approx(math.log((wrong.sum() + 0.5) / (len(test) + 1)))
    assert found["norm"] == pytest.approx(math.sqrt(np.trace(a.T @ kernel(z, z, bandwidth) @ a)), rel=1e-4)
    assert found["train_accuracy"] == 1.0
    assert found["residual"] < 1e-5
    assert (found["bandwidth"], found["ridge"]) == (1.0, 0.0)


def test_extra_points_are_the_first_half_of_the_validation_set() -> None:
    """True labels are theirs, random ones are drawn over all classes by seed, and the rest is tested."""
    data = data_of(BASE)
    none, true, random = (points_of(replace(BASE, extra=extra), data, CPU) for extra in ("none", "true", "random"))
    assert torch.equal(none.test, data.validation_labels)
    assert torch.equal(true.fitted[80:], data.validation_labels[:30])
    assert torch.equal(true.test, data.validation_labels[30:])
    assert torch.equal(true.images, none.images)
    assert torch.equal(random.fitted[:80], true.fitted[:80])
    assert 20 <= int((random.fitted[80:] != true.fitted[80:]).sum()) <= 30
    other = points_of(replace(BASE, extra="random", seed=1), data, CPU)
    assert not torch.equal(other.fitted[80:], random.fitted[80:])


def test_random_centres_are_noise_like_the_training_images() -> None:
    """As many as there are points, of their mean and variance."""
    data = data_of(BASE)
    points = points_of(replace(BASE, centres="random"), data, CPU)
    noise = points.images[points.centres]
    assert noise.shape == data.inputs.shape
    assert abs(float(noise.mean() - data.inputs.mean())) < 0.05
    assert abs(float(noise.std() / data.inputs.std()) - 1) < 0.05
    assert points_of(BASE, data, CPU).images[points.centres].numel() == 0


@pytest.mark.parametrize("features", get_args(Features))
def test_every_kind_of_features_is_fitted(features: Features) -> None:
    """A few digits are told apart, and interpolated."""
    found = numbers(replace(BASE, features=features))
    assert found["test_error"] < 0.4
    assert found["train_accuracy"] == 1.0


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 1000), features=st.sampled_from(["pixels", "gabor"]))
def test_of_all_interpolants_the_fit_has_the_least_norm(seed: int, features: Features) -> None:
    """Further points and other centres raise it, a ridge lowers it."""
    spec = replace(BASE, seed=seed, features=features)
    least = numbers(spec)["norm"]
    assert numbers(replace(spec, ridge=0.01))["norm"] < least
    assert numbers(replace(spec, centres="random"))["norm"] > least
    assert numbers(replace(spec, extra="true"))["norm"] > least
    assert numbers(replace(spec, extra="random"))["norm"] > least


def test_corrupted_labels_are_fitted_and_true_ones_tested() -> None:
    """Random labels are interpolated as well, and leave nothing but guessing."""
    found = numbers(replace(BASE, corruption=Corruption(kind="random-labels")))
    assert found["train_accuracy"] == 1.0
    assert found["test_error"] > 0.6


def test_a_huge_ridge_does_not_interpolate() -> None:
    """The ridge that was asked for is the one that is used."""
    found = numbers(replace(BASE, ridge=100.0))
    assert found["ridge"] == 100.0
    assert found["residual"] > 0.5


def chosen_slowly(
    squared: np.ndarray, labels: np.ndarray, unit: float, ridges: dict[float, float]
) -> dict[float, float]:
    """The held-out error for each candidate, `ridges` giving the ridge of each bandwidth."""
    kept, errors = len(labels) - len(labels) // 5, {}
    for multiple, ridge in ridges.items():
        whole = np.exp(-squared / (2 * (multiple * unit) ** 2))
        a = np.linalg.solve(whole[:kept, :kept] + ridge * np.eye(kept), np.eye(10)[labels[:kept]])
        errors[multiple] = float(((whole[kept:, :kept] @ a).argmax(axis=1) != labels[kept:]).mean())
    return errors


@pytest.mark.parametrize("seed", range(5))
def test_bandwidth_and_ridge_are_chosen_by_the_rule(seed: int) -> None:
    """The least error on the last fifth when the rest is fitted, the larger of equals; first bandwidth, then ridge."""
    spec = replace(BASE, seed=seed, subset=100, bandwidth=None, ridge=None)
    data = data_of(spec)
    points = points_of(spec, data, CPU)
    squared = squared_distances([points.images[:100].flatten(1)], slice(None))
    unit, labels = median_distance(squared), points.fitted.numpy()
    errors = chosen_slowly(squared.numpy(), labels, unit, dict.fromkeys(MULTIPLES, 0.0))
    multiple = max(each for each in MULTIPLES if errors[each] == min(errors.values()))
    assert choose_bandwidth(squared, points.fitted, 10, unit, 0.0) == multiple
    by_ridge = {r: chosen_slowly(squared.numpy(), labels, unit, {multiple: r})[multiple] for r in RIDGES}
    ridge = max(each for each in RIDGES if by_ridge[each] == min(by_ridge.values()))
    assert choose_ridge(squared, points.fitted, 10, multiple * unit) == ridge
    found = fit(spec, data, CPU)
    assert (found["bandwidth"], found["ridge"]) == (multiple, ridge)


def test_a_bandwidth_that_cannot_be_fitted_is_no_candidate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the matrix is singular at the larger ones, a smaller one is chosen; at all of them, there is no fit."""
    inputs = torch.randn(100, 2, generator=torch.Generator().manual_seed(0))
    squared, labels = squared_distances([inputs], slice(None)), torch.arange(100) % 10
    monkeypatch.setattr(selection, "MULTIPLES", (0.01, 1e5))
    assert choose_bandwidth(squared, labels, 10, 1.0, 0.0) == 0.01
    monkeypatch.setattr(selection, "MULTIPLES", (1e4, 1e5))
    message = r"^the kernel matrix is singular to working precision at each of \(10000\.0, 100000\.0\)$"
    with pytest.raises(UndecidableError, match=message):
        choose_bandwidth(squared, labels, 10, 1.0, 0.0)
