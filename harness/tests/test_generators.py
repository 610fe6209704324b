"""Generators: principal components in closed form, a DCGAN's networks and losses by hand, and how both are repeated."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, conv_transpose2d

from memorization_claims.data.dataset import prepare
from memorization_claims.errors import SettingError, UndecidableError, UnfitDataError
from memorization_claims.generators import adversarial, dcgan, pca
from memorization_claims.generators.generator import Generator, restore, train
from memorization_claims.seed import torch_generator
from memorization_claims.spec.generator import GeneratorSpec
from memorization_claims.tests.training_samples import CPU, DIGITS, differing

PCA = GeneratorSpec(data="digits", subset=60, validation=20, latent=5)
GAN = replace(PCA, kind="dcgan", width=4, epochs=2, batch=25, rate=0.001)


def noise(*shape: int, seed: int = 0) -> Tensor:
    """Normal values."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def learned(spec: GeneratorSpec) -> tuple[dict[str, np.ndarray], Generator]:
    """The arrays of a generator of digits, and the generator."""
    arrays = train(spec, prepare(spec, DIGITS), CPU)
    return arrays, restore(spec, arrays, CPU)


def test_principal_components_in_closed_form() -> None:
    """Two points a side on the axes of an ellipse: the axes, each as long as the deviation along it."""
    points = torch.tensor([[3.0, 0], [-3, 0], [0, 1], [0, -1]]) + torch.tensor([5.0, 7])
    arrays = pca.fit(GeneratorSpec(data="digits", latent=2), points[:, None, None, :])
    np.testing.assert_allclose(arrays["mean"], [[[5, 7]]], rtol=1e-6)
    np.testing.assert_allclose(arrays["directions"][:, 0, 0], [[6**0.5, 0], [0, (2 / 3) ** 0.5]], atol=1e-6)


@settings(deadline=None, max_examples=30)
@given(count=st.integers(3, 12), pixels=st.integers(2, 12), latent=st.integers(1, 12), seed=st.integers(0, 999))
def test_principal_components_are_singular_vectors(count: int, pixels: int, latent: int, seed: int) -> None:
    """The images have the covariance that a singular value decomposition of the data keeps, whatever the signs."""
    latent = min(latent, count - 1, pixels)
    inputs = noise(count, 1, 1, pixels, seed=seed)
    arrays = pca.fit(GeneratorSpec(data="digits", latent=latent), inputs)
    directions = arrays["directions"].reshape(latent, -1).astype(np.float64)
    rows = inputs.flatten(1).double().numpy()
    _, lengths, axes = np.linalg.svd(rows - rows.mean(axis=0), full_matrices=False)
    kept = axes[:latent] * lengths[:latent, None] / (count - 1) ** 0.5
    np.testing.assert_allclose(directions.T @ directions, kept.T @ kept, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(directions, axis=1), lengths[:latent] / (count - 1) ** 0.5, atol=1e-5)
    assert (np.abs(directions).max(axis=1) <= directions.max(axis=1) + 1e-6).all()


def test_all_components_have_the_moments_of_the_data() -> None:
    """Ten thousand images of a generator that keeps everything: mean and covariance are those of the training set."""
    spec = replace(PCA, latent=59)
    arrays, generator = learned(spec)
    images = generator.images(noise(10_000, 59)).flatten(1).double()
    rows = prepare(spec, DIGITS).inputs.flatten(1).double()
    torch.testing.assert_close(images.mean(0), rows.mean(0), atol=0.06, rtol=0)
    torch.testing.assert_close(images.T.cov(), rows.T.cov(), atol=0.12, rtol=0)
    assert arrays["directions"].shape == (59, 1, 8, 8)


def test_random_directions_know_nothing_of_the_images() -> None:
    """They are orthogonal and equally long, with variance 1 over all pixels, and come from the seed alone."""
    arrays, _ = learned(replace(PCA, learned=False))
    directions = arrays["directions"].reshape(5, -1)
    np.testing.assert_allclose(directions @ directions.T, 64 / 5 * np.eye(5), atol=1e-4)
    assert not arrays["mean"].any()
    other, _ = learned(replace(PCA, learned=False, subset=30))
    np.testing.assert_array_equal(other["directions"], arrays["directions"])


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (replace(PCA, latent=60), "latent is 60 for 60 images of 64 values; legal is 1 to 59"),
        (replace(PCA, latent=65, subset=90), "latent is 65 for 90 images of 64 values; legal is 1 to 64"),
        (replace(GAN, crop=7), "a DCGAN takes images with even sides from 4 pixels; these have 7 x 7"),
        (replace(GAN, crop=2), "a DCGAN takes images with even sides from 4 pixels; these have 2 x 2"),
    ],
)
def test_what_images_do_not_allow_is_told(spec: GeneratorSpec, message: str) -> None:
    """More latent values than there are, or images that cannot be halved."""
    with pytest.raises(UnfitDataError) as told:
        learned(spec)
    assert str(told.value) == message


def layers(net: nn.Sequential, kind: type[nn.Module]) -> list[tuple[int, ...]]:
    """The shapes of the weights of one kind of layer."""
    return [tuple(layer.get_parameter("weight").shape) for layer in net if isinstance(layer, kind)]


def test_a_dcgan_for_cifar() -> None:
    """Four transposed convolutions from 100 values by way of 4 x 4 pixels, and four convolutions back to one value."""
    spec = GeneratorSpec(data="cifar10", kind="dcgan")
    generator, discriminator = dcgan.generator_net(spec, (3, 32, 32)), dcgan.discriminator_net(spec, (3, 32, 32))
    assert layers(generator, nn.ConvTranspose2d) == [
        (100, 512, 4, 4),
        (512, 256, 5, 5),
        (256, 128, 5, 5),
        (128, 3, 5, 5),
    ]
    assert layers(discriminator, nn.Conv2d) == [(128, 3, 5, 5), (256, 128, 5, 5), (512, 256, 5, 5), (1, 512, 4, 4)]
    assert layers(generator, nn.BatchNorm2d) == [(512,), (256,), (128,)]
    assert layers(discriminator, nn.BatchNorm2d) == [(256,), (512,)]
    images = generator(noise(2, 100, 1, 1))
    assert images.shape == (2, 3, 32, 32)
    assert discriminator(images).shape == (2, 1, 1, 1)


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 16, 16), (1, 28, 28), (2, 6, 12), (1, 4, 4), (1, 64, 64)])
def test_a_dcgan_for_other_sizes(shape: tuple[int, int, int]) -> None:
    """Images of the right shape, and one value for each of them."""
    images = dcgan.generator_net(GAN, shape)(noise(2, 5, 1, 1))
    assert images.shape == (2, *shape)
    assert images.abs().max() <= 1
    assert dcgan.discriminator_net(GAN, shape)(images).shape == (2, 1, 1, 1)


def test_initial_weights_are_those_of_the_paper() -> None:
    """Normal with deviation 0.02, around 0 or, of batch norm, around 1; by seed and part, and by nothing else."""
    spec = GeneratorSpec(data="cifar10", kind="dcgan")
    net = dcgan.generator_net(spec, (3, 32, 32))
    dcgan.initialise(net, 3, "generator")
    weights = {name: parameter.detach() for name, parameter in net.named_parameters()}
    kernel = weights["3.weight"]
    assert float(kernel.std()) == pytest.approx(0.02, rel=0.01)
    assert abs(float(kernel.mean())) < 1e-4
    assert float((weights["1.weight"] - 1).std()) == pytest.approx(0.02, rel=0.2)
    again, other = dcgan.generator_net(spec, (3, 32, 32)), dcgan.generator_net(spec, (3, 32, 32))
    dcgan.initialise(again, 3, "generator")
    dcgan.initialise(other, 3, "discriminator")
    assert torch.equal(dict(again.named_parameters())["3.weight"], kernel)
    assert not torch.equal(dict(other.named_parameters())["3.weight"], kernel)


def test_one_epoch_by_hand() -> None:
    """The losses of Goodfellow et al. as cross entropies, and the weights after both nets' steps of Adam."""
    spec = replace(GAN, epochs=1, batch=60)
    data = prepare(spec, DIGITS)
    nets = dcgan.generator_net(spec, (1, 8, 8)), dcgan.discriminator_net(spec, (1, 8, 8))
    for net, part in zip(nets, ("generator", "discriminator"), strict=True):
        dcgan.initialise(net, 0, part)
    low, high = data.inputs.min(), data.inputs.max()
    order = torch.randperm(60, generator=torch_generator(0, "order", "generator"))
    real = ((data.inputs - low) / (high - low) * 2 - 1)[order]
    fake = nets[0](torch.randn(60, 5, 1, 1, generator=torch_generator(0, "noise", "generator")))
    losses = []
    for net, pairs in ((nets[1], [(real, 1.0), (fake.detach(), 0.0)]), (nets[0], [(fake, 1.0)])):
        adam = torch.optim.Adam(net.parameters(), lr=0.001, betas=(0.5, 0.999))
        answers = [(nets[1](images), target) for images, target in pairs]
        loss = sum(
            (binary_cross_entropy_with_logits(own, torch.full_like(own, target)) for own, target in answers),
            start=torch.zeros(()),
        )
        adam.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        adam.step()
        losses.append(loss.item())
    arrays, _ = learned(spec)
    found = [float(arrays[f"trace/{part}"][0]) for part in ("discriminator", "generator")]
    np.testing.assert_allclose(found, losses, rtol=1e-4)
    for name, tensor in nets[0].state_dict().items():
        np.testing.assert_allclose(arrays[f"weights/{name}"], tensor.numpy(), atol=1e-5, err_msg=name)


def test_images_by_hand() -> None:
    """Projection, running statistics, ReLU and tanh, put into the range of the training images."""
    arrays, generator = learned(replace(GAN, crop=4))
    assert len([name for name in arrays if name.endswith("weight")]) == 3
    latent = noise(3, 5)
    weights = {name.removeprefix("weights/"): torch.as_tensor(own) for name, own in arrays.items()}
    values = conv_transpose2d(latent[:, :, None, None], weights["0.weight"])
    shifted = values - weights["1.running_mean"][:, None, None]
    scale = weights["1.weight"] / (weights["1.running_var"] + 1e-5).sqrt()
    values = (shifted * scale[:, None, None] + weights["1.bias"][:, None, None]).clamp(min=0)
    values = conv_transpose2d(values, weights["3.weight"], stride=2, padding=2, output_padding=1).tanh()
    inputs = prepare(replace(GAN, crop=4), DIGITS).inputs
    expected = inputs.min() + (values + 1) / 2 * (inputs.max() - inputs.min())
    torch.testing.assert_close(generator.images(latent), expected)


@pytest.mark.parametrize("spec", [PCA, GAN], ids=["pca", "dcgan"])
def test_generators_are_repeated(spec: GeneratorSpec) -> None:
    """Same spec, same bits; another seed, another generator; the global generator is left alone."""
    before = torch.get_rng_state()
    first, _ = learned(spec)
    assert not differing(first, learned(spec)[0])
    assert differing(first, learned(replace(spec, seed=1))[0])
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("spec", [PCA, GAN], ids=["pca", "dcgan"])
def test_images_are_differentiable_and_each_on_its_own(spec: GeneratorSpec) -> None:
    """The gradient reaches the latent values, not the weights, and no image depends on the others."""
    _, generator = learned(spec)
    latent = noise(7, generator.latent).requires_grad_()
    images = generator.images(latent)
    assert images.shape == (7, 1, 8, 8)
    (gradient,) = torch.autograd.grad(images[2].square().sum(), latent)
    assert gradient[2].any()
    assert not gradient[[0, 1, 3, 4, 5, 6]].any()
    torch.testing.assert_close(generator.images(latent[2:3]), images[2:3], rtol=1e-4, atol=1e-5)


def test_an_untrained_dcgan_keeps_its_initial_weights() -> None:
    """Its images are nearly one grey, and there is no course of training."""
    arrays, generator = learned(replace(GAN, learned=False))
    assert arrays["trace/generator"].shape == (0,)
    assert float(generator.images(noise(50, 5)).std()) < 0.1


def test_training_brings_images_near_the_data() -> None:
    """After a hundred epochs the mean and the spread of digits are those of the data, which no initial weights have."""
    spec = replace(GAN, subset=200, width=16, epochs=100, rate=0.002, batch=32, latent=20)
    inputs = prepare(spec, DIGITS).inputs
    images = learned(spec)[1].images(noise(500, 20))
    assert float((images.mean(0) - inputs.mean(0)).abs().mean()) < 0.25
    assert float(images.std(0).mean() / inputs.std(0).mean()) == pytest.approx(1, abs=0.3)


def test_a_dcgan_that_diverges_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The epoch is named."""

    def infinite(logits: Tensor) -> Tensor:
        return logits * float("inf")

    monkeypatch.setattr(adversarial, "softplus", infinite)
    with pytest.raises(UndecidableError, match=r"^the losses of the DCGAN were no longer finite in epoch 1$"):
        learned(GAN)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "vae"}, "unknown generator 'vae'; legal are pca, dcgan, or package.module:NAME"),
        ({"latent": 0}, "latent is 0; legal is 1 or more"),
        ({"width": 0}, "width is 0; legal is 1 or more"),
        ({"epochs": 0}, "epochs is 0; legal is 1 or more"),
        ({"batch": 1.5}, "batch is 1.5; legal is a whole number"),
        ({"rate": -1}, "the learning rate is -1.0; legal is 0 or more"),
        ({"learned": 2}, "learned is 2; legal is True or False"),
    ],
)
def test_illegal_generators(change: dict[str, Any], message: str) -> None:
    """Each illegal setting is refused by name, with what is legal."""
    with pytest.raises(SettingError) as refused:
        GeneratorSpec(data="digits", **change)
    assert str(refused.value) == message
