"""Divergences of two nets' answers: closed forms, a slow reference in fractions, and what holds for any logits."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from memorization_claims.controls.find import find
from memorization_claims.errors import SettingError
from memorization_claims.measures.dissection.dissimilarity import (
    dissimilarity,
    found,
    jensen_shannon,
    kullback_leibler,
    recognised,
    recognised_of_found,
)

CLASSES = 3
FINITE = st.floats(-(2.0**100), 2.0**100, width=32)
LOGITS = st.lists(FINITE, min_size=2 * CLASSES, max_size=2 * CLASSES)


def _logits(*probabilities: float) -> Tensor:
    """Logits of these probabilities, far from zero, as a softmax does not mind."""
    return torch.tensor(probabilities, dtype=torch.float64).log() + 7


def _two(values: list[float]) -> tuple[Tensor, Tensor]:
    drawn = torch.tensor(values, dtype=torch.float32).reshape(2, CLASSES)
    return drawn[0], drawn[1]


def _draw(*shape: int, seed: int) -> Tensor:
    return 4 * torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def test_kl_of_two_known_distributions() -> None:
    """KL((1/2, 1/2) || (1/4, 3/4)) = log 2 - log 3 / 2, and in the other order 3/4 log 3 - log 2."""
    even, uneven = _logits(0.5, 0.5), _logits(0.25, 0.75)
    assert kullback_leibler(even, uneven).item() == pytest.approx(math.log(2) - math.log(3) / 2, abs=1e-15)
    assert kullback_leibler(uneven, even).item() == pytest.approx(0.75 * math.log(3) - math.log(2), abs=1e-15)


def test_js_of_two_known_distributions() -> None:
    """Of (1, 0) and (1/2, 1/2), with (3/4, 1/4) between them, it is 3/4 log 4/3."""
    sure, even = torch.tensor([0.0, -800.0]), torch.zeros(2)
    assert jensen_shannon(sure, even).item() == pytest.approx(0.75 * math.log(4 / 3), abs=1e-12)


def test_js_counts_the_images_on_which_sure_nets_part() -> None:
    """Nets that are sure, and part on a share m of the images, are m log 2 apart."""
    first = 1000 * torch.eye(4).expand(1, 4, 4).reshape(1, 4, 1, 4).repeat(1, 1, 5, 1)
    second = first.clone()
    second[0, :, 0] = first[0, :, 0].roll(1, -1)
    assert dissimilarity(first, second).item() == pytest.approx(math.log(2) / 5)
    assert dissimilarity(first, second, divergence="kullback-leibler").item() == pytest.approx(1000 / 5)
    assert recognised(first, second).item() == pytest.approx(0.8)
    assert found(first, second).item() == 1


def test_images_that_the_first_net_does_not_find_do_not_count() -> None:
    """It finds three of four, and the second net gives two of these their class, and the fourth too."""
    sure = 9 * torch.eye(2)
    first = torch.stack([sure[[0, 0]], sure[[1, 0]]])[None]
    second = torch.stack([sure[[0, 1]], sure[[1, 1]]])[None]
    assert found(first, second).item() == 0.75
    assert recognised_of_found(first, second).item() == pytest.approx(2 / 3)
    assert recognised_of_found(first.flip(-1)[:, :, :1], second[:, :, :1]).isnan().all()


def test_kl_takes_its_arguments_in_the_papers_order() -> None:
    """Log 2 where the first net is sure and the second undecided; far more where it is the second that is sure."""
    sure, even = torch.zeros(1, 2, 1, 2), torch.zeros(1, 2, 1, 2)
    sure[..., 0] = 60.0
    forward = dissimilarity(sure, even, divergence="kullback-leibler")
    backward = dissimilarity(even, sure, divergence="kullback-leibler")
    assert forward.item() == pytest.approx(math.log(2))
    assert backward.item() == pytest.approx(30 - math.log(2))


def test_kl_does_not_underflow() -> None:
    """Float32 has no probability below exp(-104): a softmax gives 0 there, and KL from it is not finite."""
    first, second = torch.tensor([0.0, 0.0]), torch.tensor([0.0, 300.0])
    p, q = first.softmax(-1), second.softmax(-1)
    assert not (p * (p.log() - q.log())).sum().isfinite()
    assert kullback_leibler(first, second).item() == pytest.approx(150 - math.log(2))
    assert kullback_leibler(second, first).item() == pytest.approx(math.log(2))


@pytest.mark.parametrize("name", ["kl-arguments-swapped", "underflowing-softmax"])
def test_a_broken_kl_is_another(name: str) -> None:
    """What these mutants put in the place of KL fails the two tests above."""
    mutant = find(name)
    assert mutant.target is kullback_leibler
    broken = mutant.replacement(kullback_leibler)
    first, second = torch.tensor([0.0, 0.0]), torch.tensor([0.0, 300.0])
    assert not torch.isclose(broken(first, second), kullback_leibler(first, second))


def test_a_slow_reference_agrees() -> None:
    """One image, one class at a time, with probabilities summed in exact fractions."""
    first, second = _draw(2, CLASSES, 4, CLASSES, seed=1), _draw(2, CLASSES, 4, CLASSES, seed=2)
    for row in range(2):
        kl = js = Fraction(0)
        for j in range(CLASSES):
            for start in range(4):
                p, q = (_probabilities(net[row, j, start]) for net in (first, second))
                middle = [(a + b) / 2 for a, b in zip(p, q, strict=True)]
                kl += _kl(p, q)
                js += (_kl(p, middle) + _kl(q, middle)) / 2
        count = 4 * CLASSES
        found_kl = dissimilarity(first, second, divergence="kullback-leibler")[row]
        assert found_kl.item() == pytest.approx(float(kl / count), rel=1e-12)
        assert dissimilarity(first, second)[row].item() == pytest.approx(float(js / count), rel=1e-12)


def _probabilities(logits: Tensor) -> list[Fraction]:
    weights = [Fraction(math.exp(value)) for value in logits.tolist()]
    return [weight / sum(weights) for weight in weights]


def _kl(p: list[Fraction], q: list[Fraction]) -> Fraction:
    return sum((a * Fraction(math.log(a / b)) for a, b in zip(p, q, strict=True)), Fraction(0))


@settings(max_examples=200, deadline=None)
@given(values=LOGITS)
def test_divergences_of_any_finite_logits(values: list[float]) -> None:
    """KL is finite and not negative; JS besides symmetric and at most log 2; both are 0 of equal answers."""
    first, second = _two(values)
    kl, js = kullback_leibler(first, second), jensen_shannon(first, second)
    assert math.isfinite(kl)
    assert kl >= 0
    assert 0 <= js <= math.log(2)
    assert js.item() == pytest.approx(jensen_shannon(second, first).item(), abs=1e-15)
    assert kullback_leibler(first, first) == 0
    assert jensen_shannon(first, first).item() == pytest.approx(0, abs=1e-15)


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 2**31), shift=st.floats(-1e3, 1e3))
def test_a_shift_of_all_logits_does_not_count(seed: int, shift: float) -> None:
    """Nor does KL fall below twice the square of the largest difference of probabilities (Pinsker)."""
    first, second = _draw(5, CLASSES, seed=seed).double(), _draw(5, CLASSES, seed=seed + 1).double()
    moved = kullback_leibler(first + shift, second)
    torch.testing.assert_close(moved, kullback_leibler(first, second), rtol=1e-9, atol=1e-9)
    gap = (first.softmax(-1) - second.softmax(-1)).abs().sum(-1) / 2
    assert (moved >= 2 * gap**2 - 1e-9).all()


def test_recognised_asks_the_second_net() -> None:
    """Of three classes and two starts, the second net gives four images the class that they were sought for."""
    predicted = torch.tensor([[[0, 0], [1, 2], [2, 0]]])
    second = torch.nn.functional.one_hot(predicted, 3).double()
    first = torch.zeros(1, 3, 2, 3)
    assert recognised(first, second).item() == pytest.approx(4 / 6)
    assert found(second, first).item() == pytest.approx(4 / 6)


@pytest.mark.parametrize(
    "shapes", [((1, 3, 2, 3), (1, 3, 1, 3)), ((3, 2, 3),) * 2, ((1, 3, 2, 4),) * 2, ((1, 2, 0, 2),) * 2]
)
def test_logits_of_another_shape_are_refused(shapes: tuple[tuple[int, ...], tuple[int, ...]]) -> None:
    """The message holds both shapes and the legal one."""
    first, second = (torch.zeros(shape) for shape in shapes)
    for function in (dissimilarity, recognised, found):
        with pytest.raises(SettingError, match=r"logits of shapes .*: need \(pairs, classes, starts, classes\)"):
            function(first, second)


def test_an_unknown_divergence() -> None:
    """The message lists the legal ones."""
    logits = torch.zeros(1, 2, 1, 2)
    with pytest.raises(SettingError, match=r"^divergence is 'js'; legal are jensen-shannon, kullback-leibler$"):
        dissimilarity(logits, logits, divergence="js")  # type: ignore[arg-type]


@given(seed=st.integers(0, 2**31), starts=st.integers(1, 4))
def test_recognition_is_counted_image_by_image(seed: int, starts: int) -> None:
    """By either net, and by the second among what the first one finds."""
    first, second = (_draw(1, CLASSES, starts, CLASSES, seed=seed + k) for k in (0, 1))
    ours, theirs = (
        [row.index(max(row)) == intended for intended, images in enumerate(logits[0].tolist()) for row in images]
        for logits in (first, second)
    )
    assert recognised(first, second).item() == pytest.approx(sum(theirs) / len(theirs))
    assert found(first, second).item() == pytest.approx(sum(ours) / len(ours))
    both = sum(a and b for a, b in zip(ours, theirs, strict=True))
    expected = both / sum(ours) if any(ours) else math.nan
    assert recognised_of_found(first, second).item() == pytest.approx(expected, nan_ok=True)
