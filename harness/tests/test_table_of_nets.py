"""Nets that people have: each trains as in a plain PyTorch loop, or is refused by a line."""

from __future__ import annotations

import pytest

from memorization_claims.data.dataset import prepare
from memorization_claims.errors import SettingError
from memorization_claims.spec.recipe import Recipe
from memorization_claims.tests import users_misfits, users_nets
from memorization_claims.tests.plain_loop import losses, same
from memorization_claims.tests.training_samples import CPU, DIGITS, differing, spec, trained
from memorization_claims.tests.users_nets import TRAINED
from memorization_claims.training.trial import try_out

HERE = users_nets.__name__
RECIPE = Recipe(rate=0.02, batch=9, epochs=2)


@pytest.mark.filterwarnings("ignore:enable_nested_tensor is True:UserWarning", "ignore:The .grad attribute:UserWarning")
@pytest.mark.parametrize("name", TRAINED)
def test_it_trains_as_in_a_plain_loop(name: str) -> None:
    """Losses before, on the way and after, and accuracy on the validation set; and its trial refuses nothing."""
    run = spec(model=f"{HERE}:{name}", recipe=RECIPE)
    rounded = name in ("half", "brain", "Mixed")
    same(trained([run])[run], losses(run, TRAINED[name]), 2e-2 if rounded else 1e-3)
    try_out(run, prepare(run, DIGITS), 60, CPU)


@pytest.mark.parametrize("name", ["Functional", "blocks", "Recurrent", "drawing"])
def test_what_it_draws_is_its_own(name: str) -> None:
    """The same bits alone as in company."""
    specs = [spec(seed, model=f"{HERE}:{name}", recipe=RECIPE, nets=2) for seed in range(2)]
    together = trained(specs)
    assert all(differing(trained([run])[run], together[run]) == [] for run in specs)


LEGAL = "legal is one tensor of logits, floating, (9, 10)"
REFUSED = {
    "Auxiliary": f"gives a tuple in training mode; {LEGAL}",
    "Named": "gives a dict in evaluation mode; legal is one tensor of logits, floating, (2, 10)",
    "Likely": "gives torch.int64 of shape (2,) in evaluation mode; legal is one tensor of logits, floating, (2, 10)",
    "Doubtful": "gives the same inputs other logits when asked again in evaluation mode; legal is a net that draws "
    "nothing there",
    "Cut": "gives logits that do not depend on its inputs by anything that can be differentiated; legal is a forward "
    "of differentiable operations, without detach or no_grad",
    "Forgetful": "has a state that is not kept, without which it gives other logits; legal are parameters and "
    "persistent buffers",
    "Lucky": "draws from Python's global generator in training, so that its runs cannot be repeated; legal is "
    "torch's, as in torch.rand, whose draws are each net's own",
    "social": "gives an example other logits in other company in evaluation mode; legal is a net that takes each "
    "example by itself, as with running statistics in batch norm",
    "nervous": "given inputs of shape (6, 1, 8, 8) in training mode, raised ValueError: batches of 9 alone "
    "(users_misfits.py, line ",
    "untrained": "has no parameters that are trained; legal is one or more with requires_grad",
    "classless": "called as factory((1, 8, 8), 10), raised TypeError: classless() takes 1 positional argument but 2 "
    "were given",
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_in_a_line(name: str) -> None:
    """Before anything is trained: what was called, with what, what came back, what is legal."""
    run = spec(model=f"{users_misfits.__name__}:{name}", recipe=RECIPE)
    with pytest.raises(SettingError) as told:
        try_out(run, prepare(run, DIGITS), 60, CPU)
    start = f"model '{users_misfits.__name__}:{name}'"
    assert str(told.value).removeprefix(start).lstrip(", ").startswith(REFUSED[name])
    assert "\n" not in str(told.value)
