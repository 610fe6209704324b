"""Examples whose labels were changed at random are forgotten more often than others (Toneva et al. 2019)."""

import pytest
from forgetting import forgotten

from memorization_claims import Corruption, Judge, Margin, Paper, Plan, Recipe, Record, Runs, RunSpec, claim

TONEVA2019 = Paper(
    "toneva2019",
    "Toneva et al. 2019",
    """@inproceedings{toneva2019,
  title = {An Empirical Study of Example Forgetting during Deep Neural Network Learning},
  author = {Toneva, Mariya and Sordoni, Alessandro and Tachet des Combes, Remi and Trischler, Adam and
    Bengio, Yoshua and Gordon, Geoffrey J.},
  booktitle = {International Conference on Learning Representations},
  year = {2019},
  eprint = {1812.05159},
}""",
)
LABELS = {"20 % changed": {"corruption": Corruption(kind="relabelled:another_label", fraction=0.2)}, "own labels": {}}
DIGITS = RunSpec(
    data="digits",
    subset=300,
    validation=100,
    model="mlp-1x64",
    recipe=Recipe(rate=0.02, batch=20, epochs=60),
    record=Record(weights="none", examples="every"),
)
CIFAR10 = RunSpec(
    data="cifar10",
    model="resnet32",
    recipe=Recipe(rate=0.1, batch=128, epochs=200, decay=0.2, decay_every=60, weight_decay=5e-4, crop=4, flip=True),
    record=Record(weights="none", examples="every"),
)


@claim(
    id="F01",
    says="Examples whose labels were changed at random are forgotten more often during training than others.",
    source=TONEVA2019.at("section 4.1, 'Detection of noisy examples', figure 3"),
    kind="above",
    refuted_by="changed examples that are forgotten less than half an event more often, on average over examples",
    margin=Margin(
        0.5,
        "in the paper every example with a changed label is forgotten at least once, and of MNIST, as easy as digits, "
        "91.7 % of the examples never are: about one event between the means; half of it counts",
    ),
    fast=Plan(base=DIGITS, conditions=LABELS),
    fullscale=Plan(base=CIFAR10, conditions=LABELS),
    departs=("digits and an MLP instead of CIFAR-10 and a ResNet with cutout",),
    departs_fullscale=("no cutout", "the rate falls every 60 epochs, the last time at 180 instead of 160"),
)
@pytest.mark.parametrize("than", ["own labels", "own labels of the same"], ids=["others", "themselves"])
def test_changed_labels_are_forgotten_more(runs: Runs, judge: Judge, than: str) -> None:
    """Than other examples of the same training set, and than the same examples with their own labels."""
    judge.given(runs.final("train_accuracy"), "own labels", at_least=0.99)
    judge.above(forgotten(runs), "changed labels", than)
