"""One fit of a Gaussian kernel, from its spec to its numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from memorization_claims.data.dataset import Dataset
from memorization_claims.measures.kernels.features import feature_blocks
from memorization_claims.measures.kernels.gaussian import expansion, gaussian_kernel, median_distance, squared_distances
from memorization_claims.measures.kernels.regression import one_hot, solve_general, solve_in_place
from memorization_claims.measures.kernels.selection import choose_bandwidth, choose_ridge
from memorization_claims.seed import torch_generator
from memorization_claims.spec.kernel import KernelSpec


@dataclass(frozen=True, eq=False)
class Points:
    """What one fit is about, row by row: the training set in a random order, extra points, test set, random centres."""

    images: Tensor
    """(rows, channels, height, width), float32."""
    fitted: Tensor
    """(training and extra points,), int64: the labels that are fitted."""
    test: Tensor
    """(test points,), int64: the true labels of the rows after those."""
    training: int
    """Number of training examples."""

    @property
    def centres(self) -> slice:
        """Random centres, if there are any."""
        return slice(len(self.fitted) + len(self.test), None)


def fit(spec: KernelSpec, data: Dataset, device: torch.device) -> dict[str, float]:
    """Fit f = sum_j a_j k(z_j, .), a function for each class, to one-hot targets; it classifies by the largest.

    Args:
        spec: what is fitted.
        data: its data.
        device: where to compute.

    Returns:
        `test_error`, in [0, 1]; `log_test_error`, log((errors + 1/2) / (images + 1)), finite where there is none;
        `train_accuracy`, on all points that are fitted; `residual`, the largest |f(x_i) - y_i|; `norm`, in the space
        of the kernel: the square root of the sum over classes of a' K a, K the kernel of the centres; `bandwidth`, in
        median distances; `ridge`.

    Raises:
        UnfitDataError: for images too small for the features, or training examples of which most coincide.
        UndecidableError: where the kernel matrix is singular to working precision.

    Source:
        Zhang et al. 2017, section 5: equation 3, and the constructions that do not generalise.
    """
    points = points_of(spec, data, device)
    count, training = len(points.fitted), slice(0, points.training)
    squared = squared_distances(feature_blocks(spec, points.images, training), slice(0, count))
    multiple, ridge, bandwidth = _choices(spec, squared[training, training], points.fitted[training], data.classes)
    targets, centres = one_hot(points.fitted, data.classes), slice(0, count)
    if spec.centres == "random":
        del squared  # at full scale there is no room for both
        centres = points.centres
        squared = squared_distances(feature_blocks(spec, points.images, training), centres)
        coefficients = solve_general(gaussian_kernel(squared[:count], bandwidth), targets)
    else:
        coefficients = solve_in_place(gaussian_kernel(squared[:count], bandwidth), targets, ridge)
    answers = expansion(squared, bandwidth, coefficients)
    energy = float((coefficients * answers[centres]).sum())
    numbers = {"norm": math.sqrt(max(0.0, energy)), "bandwidth": multiple, "ridge": ridge}
    return numbers | _errors(answers, targets, points)


def _choices(spec: KernelSpec, squared: Tensor, labels: Tensor, classes: int) -> tuple[float, float, float]:
    """Bandwidth in median distances, ridge, and bandwidth in the unit of the distances."""
    unit = median_distance(squared)
    multiple = spec.bandwidth
    if multiple is None:
        multiple = choose_bandwidth(squared, labels, classes, unit, spec.ridge or 0.0)
    ridge = choose_ridge(squared, labels, classes, multiple * unit) if spec.ridge is None else spec.ridge
    return multiple, ridge, multiple * unit


def _errors(answers: Tensor, targets: Tensor, points: Points) -> dict[str, float]:
    """What the answers at the fitted and the test points come to."""
    count, tested = len(targets), len(points.test)
    wrong = int((answers[count : count + tested].argmax(dim=1) != points.test).sum())
    return {
        "test_error": wrong / tested,
        "log_test_error": math.log((wrong + 0.5) / (tested + 1)),
        "train_accuracy": int((answers[:count].argmax(dim=1) == points.fitted).sum()) / count,
        "residual": float((answers[:count] - targets).abs().max()),
    }


def points_of(spec: KernelSpec, data: Dataset, device: torch.device) -> Points:
    """Put the points of a fit in order, on the device."""
    count, extra = len(data.labels), 0 if spec.extra == "none" else len(data.validation_labels) // 2
    # In a random order, so that the last fifth is one that was held out at random.
    order = torch.randperm(count, generator=torch_generator(spec.seed, "order", "held-out"))
    added = data.validation_labels[:extra]
    if spec.extra == "random":
        added = torch.randint(data.classes, (extra,), generator=torch_generator(spec.seed, "labels", "extra"))
    images = [data.inputs[order], data.validation_inputs]
    if spec.centres == "random":
        size = (count + extra, *data.inputs.shape[1:])
        noise = torch.randn(size, generator=torch_generator(spec.seed, "pixels", "centres"))
        images.append(data.inputs.mean() + data.inputs.std() * noise)
    return Points(
        images=torch.cat(images).to(device),
        fitted=torch.cat([data.labels[order], added]).to(device),
        test=data.validation_labels[extra:].to(device),
        training=count,
    )
