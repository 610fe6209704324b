"""Nets set beside nets: what both answer to the images that the first one answers to most strongly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

import torch

from memorization_claims.errors import SettingError
from memorization_claims.lab.kept import Arrays, in_portions, kept
from memorization_claims.lab.nets import logits
from memorization_claims.lab.trained import Trained
from memorization_claims.measures.dissection.answers import answers, representatives
from memorization_claims.measures.dissection.maximisation import maximise
from memorization_claims.seed import torch_generator
from memorization_claims.spec.dissection import Dissection
from memorization_claims.spec.run import RunSpec
from memorization_claims.store import fingerprint
from memorization_claims.store.key import keys

T = TypeVar("T")
AT_ONCE = 2**23
"""Pixels that are sought at a time, in all images together. For the gradient, nets keep all layers of each image."""


def answered(
    runs: Trained, first: Sequence[RunSpec], second: Sequence[RunSpec]
) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """The logits of both nets of every pair, for each two runs: (pairs, classes, starts, classes) each.

    They are kept in the store, by both runs, the first one's generator, the dissection and its code.

    Args:
        runs: of a plan with a dissection.
        first: runs of one model, whose nets' images are shown.
        second: as many runs of one model, each beside that of `first`.

    Raises:
        SettingError: for runs without a dissection, or of one net each.
    """
    both = list(zip(first, second, strict=True))
    of_runs = {
        (one, other): {
            "runs": (runs.keys[one], runs.keys[other]),
            "generator": runs.generators[one][1] if one in runs.generators else "",
        }
        for one, other in both
    }
    values = kept(runs, "answers", _keys(runs, of_runs), partial(_portions, runs), partial(_answers, runs))
    return [
        (torch.tensor(values[two]["first"]).to(runs.device), torch.tensor(values[two]["second"]).to(runs.device))
        for two in both
    ]


def pairs(one: RunSpec, other: RunSpec) -> list[tuple[int, int]]:
    """The pairs of a net of one run and a net of another, by index.

    The two indices of a pair differ, and so do initialisation and order.

    Raises:
        SettingError: where there is no such pair.
    """
    indices = [(net, beside) for net in range(one.nets) for beside in range(other.nets) if net != beside]
    if not indices:
        raise SettingError("nets is 1 of runs whose nets are compared; legal is 2 or more")
    return indices


def sought(runs: Trained, specs: Sequence[RunSpec]) -> list[torch.Tensor]:
    """The images that each run's nets answer to most strongly: (nets, classes, starts, *shape) a run.

    Their latent values are kept in the store, by the run, its generator, the dissection and its code.
    """
    of_runs = {spec: {"run": runs.keys[spec], "generator": runs.generators[spec][1]} for spec in specs}
    at_once = _at_once(runs, specs[0])
    what, measure = "images of strongest answers", partial(_search, runs)
    latents = kept(runs, what, _keys(runs, of_runs), lambda few: in_portions(few, at_once), measure)
    shown = []
    for spec in specs:
        latent = torch.tensor(latents[spec]["latent"], device=runs.device)
        with torch.no_grad():
            images = runs.generator(spec).images(latent.flatten(0, 2))
        shown.append(images.reshape(*latent.shape[:3], *images.shape[1:]))
    return shown


def real(runs: Trained, specs: Sequence[RunSpec]) -> list[torch.Tensor]:
    """Validation images of each run, the same for all of its nets: (nets, classes, starts, *shape) a run."""
    shown = []
    for spec in specs:
        data, most = runs.dataset(spec), _dissection(runs).starts
        images = representatives(data.validation_inputs, data.validation_labels, data.classes, most)
        shown.append(images.expand(spec.nets, *images.shape))
    return shown


def _answers(runs: Trained, both: Sequence[tuple[RunSpec, RunSpec]]) -> list[Arrays]:
    """The logits of each two runs' nets as `first` and `second`: (pairs, classes, starts, classes)."""
    showing = [one for one, _ in both]
    shown = sought(runs, showing) if showing[0] in runs.generators else real(runs, showing)
    chosen = [pairs(one, other) for one, other in both]
    data = runs.dataset(showing[0])
    images = [rows[net] for rows, nets in zip(shown, chosen, strict=True) for net, _ in nets]
    ours = [(one, net) for (one, _), nets in zip(both, chosen, strict=True) for net, _ in nets]
    theirs = [(other, net) for (_, other), nets in zip(both, chosen, strict=True) for _, net in nets]
    told = answers(logits(runs, ours, data), logits(runs, theirs, data), torch.stack(images).to(runs.device))
    of_runs = (torch.split(each.cpu(), [len(nets) for nets in chosen]) for each in told)
    return [{"first": one.numpy(), "second": other.numpy()} for one, other in zip(*of_runs, strict=True)]


def _portions(runs: Trained, both: Sequence[tuple[RunSpec, RunSpec]]) -> Iterator[Sequence[tuple[RunSpec, RunSpec]]]:
    return in_portions(both, _at_once(runs, both[0][0])) if both else iter(())


def _search(runs: Trained, specs: Sequence[RunSpec]) -> list[Arrays]:
    """The latent values of the images of each run's nets, as `latent`: (nets, classes, starts, latent) a run."""
    nets = [(spec, net) for spec in specs for net in range(spec.nets)]
    data, made = runs.dataset(specs[0]), {spec: runs.generator(spec) for spec in specs}

    def images(z: torch.Tensor) -> torch.Tensor:
        return torch.stack([made[spec].images(latents) for (spec, _), latents in zip(nets, z, strict=True)])

    latents = maximise(
        logits(runs, nets, data),
        images,
        latent=made[specs[0]].latent,
        classes=data.classes,
        how=_dissection(runs),
        generators=[torch_generator(spec.seed, "measure", "dissection", net) for spec, net in nets],
        device=runs.device,
    )
    return [{"latent": of_run.cpu().numpy()} for of_run in torch.split(latents, [spec.nets for spec in specs])]


def _dissection(runs: Trained) -> Dissection:
    if runs.dissection is None:
        raise SettingError("the plan has no dissection; legal is one with `dissection`, such as Dissection()")
    return runs.dissection


def _keys(runs: Trained, each: Mapping[T, Mapping[str, Any]]) -> dict[T, str]:
    code = fingerprint.of_code(__name__)
    return keys(each, dissection=_dissection(runs), code=code, patched=runs.patched)


def _at_once(runs: Trained, spec: RunSpec) -> int:
    """How many runs' images are shown at a time. Of real images each run may have another number: one at a time."""
    if spec not in runs.generators:
        return 1
    data = runs.dataset(spec)
    return max(1, AT_ONCE // (spec.nets * data.classes * _dissection(runs).starts * data.inputs[0].numel()))
