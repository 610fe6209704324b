"""Cohorts: runs that share shapes and recipe, arms and seeds alike, trained side by side.

A net's numbers do not depend on the nets that it is trained with: its data, weights, order and noise come from streams
of its own, and every engine keeps the nets' arithmetic apart.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn

from memorization_claims.data.augmentation import augment, whitened
from memorization_claims.data.dataset import Dataset
from memorization_claims.errors import SettingError
from memorization_claims.models import noise
from memorization_claims.models.build import build
from memorization_claims.seed import stream, torch_generator
from memorization_claims.spec.arithmetic import PLAIN, Arithmetic
from memorization_claims.spec.asked import asked
from memorization_claims.spec.data import Corruption
from memorization_claims.spec.facts import facts_of
from memorization_claims.spec.run import RunSpec
from memorization_claims.spec.user_code import user_code
from memorization_claims.training import adversarial
from memorization_claims.training import engine as engines
from memorization_claims.training.draws import none_but_torchs
from memorization_claims.training.memory import as_memory_allows
from memorization_claims.training.pool import Pool
from memorization_claims.training.portions import portions, shape_of
from memorization_claims.training.trace import Trace, probe
from memorization_claims.training.unfinished import State, Unfinished, abreast

Result = dict[str, np.ndarray]
Progress = Callable[[int, int, int, int], None]
"""Called at every evaluation with (epoch, budget, nets that have stopped, nets in all)."""


def cohort_of(spec: RunSpec) -> tuple[RunSpec, str]:
    """What runs of one cohort have in common: specs of one cohort give equal values."""
    kind = spec.corruption.kind
    return replace(spec, seed=0, corruption=Corruption()), kind if facts_of(
        kind
    ).new_classes else "the data's own classes"


def train(
    specs: Sequence[RunSpec],
    datasets: Sequence[Dataset],
    device: torch.device,
    progress: Progress | None = None,
    note: Callable[[str], None] = lambda line: None,
    unfinished: Unfinished | None = None,
    arithmetic: Arithmetic = PLAIN,
) -> Iterator[tuple[RunSpec, Result, float]]:
    """Train runs of one cohort, yielding each as soon as it is done.

    Args:
        specs: runs of one cohort.
        datasets: one for each.
        device: where to train.
        progress: told of every evaluation.
        note: told in one line where the memory runs out, and fewer runs are trained at once.
        unfinished: keeps the states of runs, from which they go on; not of those with a model or an optimizer of a
            user's, of which nobody knows all that they remember.
        arithmetic: of the steps; the session has settled that of all else.

    Yields:
        The spec; its arrays, with one row for each net: `epochs` (evaluations,), `trace/NAME` (nets, evaluations) with
        NaN after a net has stopped, `stopped` (nets,) the epoch of each net's last evaluation, `diverged` (nets,) the
        epoch at which its loss was no longer finite or -1, `weights/EPOCH/NAME` (nets, ...), `weights/final/NAME`,
        `right` (nets, n), or (nets, evaluations, n) where it is kept at every evaluation; and the seconds of training
        that were the run's share.

    Raises:
        NotCompiledError: where steps are to be compiled and cannot be.
        SettingError: for an unknown model or probe, or a user's model or optimizer that does not do what it should.
        torch.OutOfMemoryError: where the memory does not hold one run.
    """

    def together(few: list[int]) -> Iterator[tuple[int, tuple[RunSpec, Result, float]]]:
        states = {run: state for run in few if unfinished and (state := unfinished.load(specs[run]))}
        for some in abreast(few, states):
            cohort = _Cohort([specs[run] for run in some], [datasets[run] for run in some], device, arithmetic)
            if some[0] in states:
                cohort.resume([states.pop(run) for run in some])
            for run, arrays, seconds in cohort.train(progress, None if cohort.own else unfinished):
                yield some[run], (specs[some[run]], arrays, seconds)

    yield from as_memory_allows(portions(specs, datasets, device, arithmetic), together, note)


class _Cohort:
    """Runs in training. A lane is one net; lanes that have stopped are dropped from the engine."""

    def __init__(self, specs: list[RunSpec], datasets: list[Dataset], device: torch.device, how: Arithmetic) -> None:
        self.began, self.spent, self.first_epoch = time.perf_counter(), 0.0, 0
        self.specs, self.device, self.recipe, self.record = specs, device, specs[0].recipe, specs[0].record
        self.own = ":" in f"{specs[0].model}{specs[0].recipe.optimizer}"
        self.lanes = [(run, net) for run, spec in enumerate(specs) for net in range(spec.nets)]
        self.alive = list(range(len(self.lanes)))
        shape, classes = shape_of(datasets[0]), datasets[0].classes
        models = [build(specs[run], shape, classes, net) for run, net in self.lanes]
        self._check_batches(models[0], len(datasets[0].labels))
        self.noise = noise.layers(models[0])
        draws = [stream(specs[run].seed, "noise", net, "global") for run, net in self.lanes]
        chosen = engines.choose(models[0], self.recipe, shape, how)
        self.engine = engines.make(chosen, models, self.recipe, device, shape, draws, how)
        self.pool = Pool(datasets, device)
        self.order = [torch_generator(specs[run].seed, "order", net) for run, net in self.lanes]
        self.augmentation = [torch_generator(specs[run].seed, "augmentation", net) for run, net in self.lanes]
        self.radius = adversarial.radius_of(self.recipe, datasets[0])
        self.searching = [torch_generator(specs[run].seed, "adversary", net) for run, net in self.lanes]
        self.drawing = [
            torch.Generator(device).manual_seed(stream(specs[run].seed, "noise", net)) for run, net in self.lanes
        ]
        self.streams = (self.order, self.augmentation, self.searching, self.drawing)
        self.per_epoch = -(-self.pool.size // self.recipe.batch)
        self.trace = Trace(self.record, self.recipe.epochs, self.per_epoch, len(self.lanes))
        self.named = self.record.weights if isinstance(self.record.weights, tuple) else ()
        self.kept: dict[int, Result] = {lane: {} for lane in self.alive}
        self.right: dict[int, list[np.ndarray]] = {lane: [] for lane in self.alive}

    def _check_batches(self, model: nn.Module, examples: int) -> None:
        """Refuse a last batch of one example where batches are normalised, as PyTorch would in mid-training."""
        if examples % self.recipe.batch == 1 and any(
            isinstance(m, nn.modules.batchnorm._BatchNorm) for m in model.modules()
        ):
            raise SettingError(
                f"{examples} examples in batches of {self.recipe.batch} leave a last batch of 1, which batch norm "
                "cannot normalise; take another batch or subset"
            )

    def train(self, progress: Progress | None, unfinished: Unfinished | None) -> Iterator[tuple[int, Result, float]]:
        """Train all lanes; yield each run once all its lanes have stopped, with its share of the seconds."""
        left = Counter(self._owners())
        for epoch in range(self.first_epoch, self.recipe.epochs + 1):
            if epoch:
                self._epoch(epoch - 1)
            if epoch in self.named:
                self._keep_weights(str(epoch), np.arange(len(self.alive)))
            if epoch * self.per_epoch in self.trace:
                stopped = self._evaluate(epoch)
                if progress:
                    progress(epoch, self.recipe.epochs, len(self.lanes) - len(self.alive), len(self.lanes))
                for lane in stopped:
                    run = self.lanes[lane][0]
                    left[run] -= 1
                    if not left[run]:
                        self._spend(len(+left) + 1)
                        yield run, self._result(run), self.spent
                        self.began = time.perf_counter()
            if not self.alive:
                return
            if epoch and unfinished and unfinished.due():
                self._spend(len(+left))
                for run in dict.fromkeys(self._owners()):
                    unfinished.save(self.specs[run], self._state(run, epoch))

    def _spend(self, going: int) -> None:
        """Count the seconds since the last time, shared by the runs in training."""
        now = time.perf_counter()
        self.spent += (now - self.began) / going
        self.began = now

    def _epoch(self, epoch: int) -> None:
        """One pass over the training data, for each lane in another order."""
        size, batch = self.pool.size, self.recipe.batch
        order = torch.stack([torch.randperm(size, generator=self.order[lane]) for lane in self.alive]).to(self.device)
        runs = self._runs()
        for update, start in enumerate(range(0, size, batch), epoch * self.per_epoch):
            if start and update in self.trace:
                self._record(update)
            inputs, labels = self.pool.batch(runs, order[:, start : start + batch], bordered=self.specs[0].border > 0)
            if self.recipe.crop or self.recipe.flip:
                inputs = torch.stack([self._augmented(lane, x) for lane, x in zip(self.alive, inputs, strict=True)])
            shares = None
            if self.recipe.adversarial:
                inputs, labels, shares = self._doubled(inputs, labels)
            drawn = {name: self._drawn(layer, inputs.shape[1]) for name, layer in self.noise.items()}
            told = user_code(f"{self._named}, in update {update + 1},") if self.own else nullcontext()
            with told, none_but_torchs(self._named) if epoch == start == 0 else nullcontext():
                self.engine.step(inputs, labels, drawn, self.recipe.scale_at(epoch), shares)

    def _drawn(self, layer: noise.Noise, examples: int) -> list[Tensor]:
        """What a noise layer draws for a step, for each pass through it (lanes, examples, *shape)."""
        passes = zip(*(layer.draw(examples, self.drawing[lane]) for lane in self.alive), strict=True)
        return [torch.stack(each) for each in passes]

    @property
    def _named(self) -> str:
        """What is a user's in the cohort, as messages name it."""
        optimizer = f" or optimizer {self.recipe.optimizer!r}" if ":" in self.recipe.optimizer else ""
        return f"model {self.specs[0].model!r}{optimizer}"

    def _doubled(self, inputs: Tensor, labels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        generators = [self.searching[lane] for lane in self.alive]
        return adversarial.doubled(
            self.engine, inputs, labels, recipe=self.recipe, radius=self.radius, generators=generators
        )

    def _owners(self) -> list[int]:
        """The run of each lane in training."""
        return [self.lanes[lane][0] for lane in self.alive]

    def _runs(self) -> Tensor:
        """The same, (lanes,)."""
        return torch.tensor(self._owners(), device=self.device)

    def _augmented(self, lane: int, inputs: Tensor) -> Tensor:
        bordered, generator = self.specs[0].border > 0, self.augmentation[lane]
        images = augment(inputs, generator, crop=self.recipe.crop, flip=self.recipe.flip, bordered=bordered)
        return whitened(images) if bordered and self.specs[0].preprocessing == "whiten" else images

    def _record(self, update: int) -> Tensor:
        """Write down how every lane in training does; which training examples it has right, (lanes, n), bool."""
        runs = self._runs()
        with self._evaluated(update):
            right = self.trace.evaluate(update, self.alive, self.engine, self.pool, runs)
        # Within an epoch, where evaluations are many, the validation set is left out.
        if self.record.validation == "every" and update % self.per_epoch == 0:
            self._validate(update, np.arange(len(self.alive)))
        if self.record.examples == "every":
            for lane, correct in zip(self.alive, right.cpu().numpy(), strict=True):
                self.right[lane].append(correct)
        for name in self.record.probes:
            self.trace.put(name, update, self.alive, self._probed(probe(name), *self.pool.training(runs)))
        if self.record.gradient_probes:
            self._record_gradients(update, runs)
        return right

    def _validate(self, update: int, rows: np.ndarray) -> None:
        """Evaluate lanes on the validation set; `rows` are their places among the lanes in training."""
        with self._evaluated(update):
            self.trace.validate(update, self.alive, self.engine, self.pool, self._runs(), rows)

    def _evaluated(self, update: int) -> AbstractContextManager[None]:
        """Where a user's model is evaluated, so that its mistakes are told as such."""
        return user_code(f"{self._named}, evaluated after update {update},") if self.own else nullcontext()

    def _probed(self, function: Callable[..., Tensor], inputs: Tensor, labels: Tensor) -> Tensor:
        return function(self.engine.logits, inputs, **asked(function, labels=labels))

    def _record_gradients(self, update: int, runs: Tensor) -> None:
        """Take the probes of per-example gradients, on the first examples of every lane's training set."""
        few = torch.arange(min(self.record.gradient_batch, self.pool.size), device=self.device)
        inputs, labels = self.pool.batch(runs, few.expand(len(runs), -1))
        products = self.engine.products(inputs, labels)
        for name in self.record.gradient_probes:
            function = probe(name)
            values = function(products, **asked(function, labels=labels))
            self.trace.put(name, update, self.alive, values)

    def _evaluate(self, epoch: int) -> list[int]:
        """Record every lane in training, take out those that are done, and return these."""
        update = epoch * self.per_epoch
        right = self._record(update)
        finite = np.isfinite(self.trace.at("loss", update)[self.alive])
        enough = self.recipe.stop_accuracy
        fitted = self.trace.at("train_accuracy", update)[self.alive] >= (2.0 if enough is None else enough)
        done = fitted | ~finite | (epoch == self.recipe.epochs)
        self.trace.diverged[np.array(self.alive)[~finite]] = epoch
        self.trace.stopped[np.array(self.alive)[done]] = epoch
        stopped = [lane for lane, over in zip(self.alive, done, strict=True) if over]
        if stopped:
            if self.record.validation == "final":
                self._validate(update, np.flatnonzero(done))
            self._keep_weights("final", np.flatnonzero(done))
            if self.record.examples == "final":
                for lane, correct in zip(stopped, right.cpu().numpy()[done], strict=True):
                    self.kept[lane]["right"] = correct
            going = np.flatnonzero(~done)
            self.alive = [self.alive[index] for index in going]
            if self.alive:
                self.engine.keep(torch.from_numpy(going).to(self.device))
        return stopped

    def _keep_weights(self, when: str, rows: np.ndarray) -> None:
        """Copy the weights of lanes to the CPU; `rows` are their places among the lanes in training."""
        if self.record.weights == "none":
            return
        tensors = self.engine.weights(torch.from_numpy(rows).to(self.device))
        for name, array in ((name, _array(tensor)) for name, tensor in tensors.items()):
            for row, weights in zip(rows, array, strict=True):
                self.kept[self.alive[row]][f"weights/{when}/{name}"] = weights.copy()

    def _lanes_of(self, run: int) -> list[int]:
        return [lane for lane, (owner, _) in enumerate(self.lanes) if owner == run]

    def _state(self, run: int, epoch: int) -> Result:
        """All that a run goes on from after an epoch."""
        lanes = self._lanes_of(run)
        state = self.trace.arrays(lanes) | {"epoch": np.array(epoch), "seconds": np.array(self.spent)}
        for net, lane in enumerate(lanes):
            state |= {f"{net}/kept/{name}": array for name, array in self.kept[lane].items()}
            if self.right[lane]:
                state[f"{net}/right"] = np.stack(self.right[lane])
            if lane in self.alive:
                held = [*self.engine.held(self.alive.index(lane)), *(each[lane].get_state() for each in self.streams)]
                state |= {f"{net}/held/{place}": tensor.detach().cpu().numpy() for place, tensor in enumerate(held)}
        return state

    @torch.no_grad()
    def resume(self, states: Sequence[State]) -> None:
        """Go on from the state of each run, all after the same epoch."""
        self.first_epoch, self.spent = int(states[0]["epoch"]) + 1, float(states[0]["seconds"])
        self.alive = []
        for run, state in enumerate(states):
            self.trace.resume(self._lanes_of(run), state)
            for net, lane in enumerate(self._lanes_of(run)):
                start = f"{net}/kept/"
                self.kept[lane] = {name.removeprefix(start): state[name] for name in state if name.startswith(start)}
                self.right[lane] = list(state.get(f"{net}/right", ()))
                self.alive += [lane] if f"{net}/held/0" in state else []
        self.engine.keep(torch.tensor(self.alive, device=self.device))
        for place, (run, net) in enumerate(self.lanes[lane] for lane in self.alive):
            held, lane = self.engine.held(place), self.alive[place]
            kept = [torch.tensor(states[run][f"{net}/held/{at}"]) for at in range(len(held) + len(self.streams))]
            for tensor, value in zip(held, kept, strict=False):
                tensor.copy_(value)
            for generators, value in zip(self.streams, kept[len(held) :], strict=True):
                generators[lane].set_state(value)
        self.engine.settle()

    def _result(self, run: int) -> Result:
        lanes = self._lanes_of(run)
        kept = [self.kept.pop(lane) for lane in lanes]
        if self.record.examples == "every":
            for arrays, lane in zip(kept, lanes, strict=True):
                seen = self.right.pop(lane)  # a net that stopped earlier stays as it was
                arrays["right"] = np.stack([*seen, *[seen[-1]] * (len(self.trace.updates) - len(seen))])
        for arrays in kept:
            last = {name: array for name, array in arrays.items() if "/final/" in name}
            for epoch in self.named:  # a net that stopped earlier has its last weights there
                for name, array in last.items():
                    arrays.setdefault(name.replace("final", str(epoch), 1), array)
        return self.trace.arrays(lanes) | {
            name: np.stack([arrays[name] for arrays in kept]) for name in sorted(kept[0])
        }


def _array(tensor: Tensor) -> np.ndarray:
    """A tensor as NumPy has it, which knows no bfloat16."""
    return (tensor.float() if tensor.dtype == torch.bfloat16 else tensor).cpu().numpy()
