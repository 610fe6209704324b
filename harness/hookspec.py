"""What others can add to a session of claims, on one page.

Two things are said to the session itself, by the hooks below, which a conftest.py or a plugin implements: own mutants,
and the name of a pack of claims. All else is named where it is used, so that it needs no hook. In what follows
`my_pack` is any package or module that can be imported from where pytest runs.

A corruption is a function, named in a run's spec. With `touches` it says what it changes:

    @touches("labels")
    def shifted(images, labels, classes, chosen, generator):
        labels = labels.copy()
        labels[chosen] = (labels[chosen] + 1) % classes
        return images, labels, classes

    RunSpec(data="digits", corruption=Corruption("my_pack.noise:shifted", fraction=0.5), ...)

A data set is a function of the data root, or an `.npz` file of these arrays, which needs no code:

    def stripes(root):
        arrays = np.load(root / "stripes.npz")  # x_train, y_train and, if it has them, x_test, y_test
        return {**arrays, "range": (0, 4095)}  # the lowest and the highest value of a pixel, where they do not tell

    RunSpec(data="my_pack.data:stripes", ...)

A model is a factory of any `torch.nn.Module` from inputs (examples, *shape), float32, to logits (examples, classes):

    def linear(shape, classes):
        return nn.Sequential(nn.Flatten(), nn.Linear(math.prod(shape), classes))

    RunSpec(model="my_pack.nets:linear", ...)

It may have hooks, shared, frozen or lazy layers, another precision, and draw from torch's global generator in
training, which is each net's own there. Its state is its parameters and persistent buffers, and in evaluation mode each
example counts by itself. A recipe's dropout and noise of hidden units follow its activation modules (`nn.ReLU`,
`nn.GELU`, ...); a claim that asks for them of a net that calls functions instead is undecided. Nets of `nn.Flatten`,
`nn.Linear` and `nn.ReLU` in an `nn.Sequential` are trained side by side, and for images no wider than 8 pixels those
with convolutions, batch norm and pools too; all others one after another.

An optimizer is a factory of any `torch.optim.Optimizer`, at the rates that it sets itself or at one that it takes:

    def fine_tuning(parameters):
        first, *others = parameters
        return torch.optim.AdamW([{"params": [first], "lr": 0.0}, {"params": others}], lr=0.001)

    def rmsprop(parameters, rate):
        return torch.optim.RMSprop(parameters, lr=rate)

    Recipe(optimizer="my_pack.steps:fine_tuning", rate=None, ...)
    Recipe(optimizer="my_pack.steps:rmsprop", rate=0.001, ...)
    Recipe(optimizer="torch.optim:NAdam", rate=None, ...)

A recipe's schedule scales the rates of all its groups, its weight decay is added to the gradients. It may need a
closure, draw from torch's global generator, and have `train()` and `eval()`, which are called.

A generator of images is a pair of functions, which train it and make images:

    NOISY = memorization_claims.generators.kind.Kind(train, images)

    Plan(generator={"kind": "my_pack.generators:NOISY"}, ...)

A measure is a function at the top of a module, handed to the runs as it is:

    def margin(logits, inputs):
        top = logits(inputs).topk(2).values
        return (top[..., 0] - top[..., 1]).mean(dim=1)

    judge.above(runs.measure(margin, "margin"), "true", "random")

A probe is a measure that is taken during training, and so is named in what a run records:

    RunSpec(record=Record(probes=("my_pack.measures:margin",)), ...)

A paper is a value, which the claims of it carry as their source:

    TONEVA2019 = Paper("toneva2019", "Toneva et al. 2019", "@inproceedings{toneva2019, ...}")

    @claim(source=TONEVA2019.at("section 3"), ...)
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from memorization_claims.controls.mutant import Mutant


@pytest.hookspec
def pytest_claims_mutants() -> Iterable[Mutant]:  # type: ignore[empty-body]
    """Mutants of your own, for `--claims-mutant NAME`: the science broken, to see which of your claims notice.

    It is called once the options are parsed, so it stands in a plugin or in a conftest.py that pytest loads at its
    start, as that of the root or of a folder on the command line:

        from dataclasses import replace

        from memorization_claims import Mutant, Plan, RunSpec

        def few_examples(setting):
            if isinstance(setting, Plan) and isinstance(setting.base, RunSpec):
                return setting.changed(subset=10)
            return setting

        def pytest_claims_mutants():
            return [Mutant("few-examples", "nets see ten examples", setting=few_examples)]

    Returns:
        Mutants whose names nobody else has.
    """


@pytest.hookspec(firstresult=True)
def pytest_claims_pack(config: pytest.Config) -> tuple[str, str | None] | None:
    """Name and version of the pack of claims that a session judges, as its record names it.

    Without an implementation they are name and version of the project in pyproject.toml at pytest's root, else the name
    of that folder and no version. The record adds the commit of that folder in any case. For a pack that is judged from
    elsewhere, in its plugin or conftest.py:

        from importlib.metadata import version

        def pytest_claims_pack(config):
            return "my-pack", version("my-pack")

    Args:
        config: pytest's.

    Returns:
        Name and version, None for a pack without versions; None to leave it to others.
    """
