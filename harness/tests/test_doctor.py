"""`claims doctor`: each question on tiny nets, and its answer when what it asks for is broken on purpose."""

from __future__ import annotations

import itertools
import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import torch
from click.testing import CliRunner

from memorization_claims.cli import doctor as command
from memorization_claims.cli.main import main
from memorization_claims.doctor import constants as measuring
from memorization_claims.doctor import engines as timing
from memorization_claims.doctor import precision as rounding
from memorization_claims.doctor import processes as starting
from memorization_claims.doctor import tried
from memorization_claims.doctor import verdicts as judging
from memorization_claims.doctor.agreement import agreement
from memorization_claims.doctor.alone import alone
from memorization_claims.doctor.answer import Answer
from memorization_claims.doctor.difference import largest
from memorization_claims.doctor.machine import machine
from memorization_claims.doctor.tried import CLASSES, Tried, trained
from memorization_claims.doctor.twice import twice
from memorization_claims.models.build import build
from memorization_claims.price import devices
from memorization_claims.price.work import Work
from memorization_claims.spec.arithmetic import PLAIN, Arithmetic, Precision, arithmetic_of
from memorization_claims.tests.pretended_gpu import CPU, GPU, pretended
from memorization_claims.training import cohort, compiled
from memorization_claims.training.batched import Batched
from memorization_claims.training.loop import Loop

STACK = Tried("mlp-1x3", side=4, examples=12, batch=6, epochs=2)
LOOP = Tried("cnn-bn-2", side=10, examples=12, batch=6, epochs=1)
NETS = (STACK, LOOP)


@pytest.fixture(params=[CPU, GPU], ids=["cpu", "pretended"])
def device(request: pytest.FixtureRequest) -> Iterator[torch.device]:
    """The CPU, and a GPU that is pretended."""
    with pretended() if request.param == GPU else nullcontext():
        yield request.param


def shifted(monkeypatch: pytest.MonkeyPatch, shift: Any) -> None:
    """Let steps be taken on inputs to which something is added that depends on them: `shift(inputs)`."""
    for engine in (Batched, Loop):
        step = engine.step

        def other(self: Any, inputs: Any, *others: Any, step: Any = step) -> None:
            step(self, inputs + shift(inputs), *others)

        monkeypatch.setattr(engine, "step", other)


def test_the_machine(device: torch.device) -> None:
    """What numbers depend on is named."""
    told = {row[0]: row[1] for row in machine(device).rows}
    assert told["torch"] == torch.__version__
    assert told["instructions"] == torch.backends.cpu.get_cpu_capability()
    assert told.get("device") == ("pretended GPU" if device.type == "cuda" else None)


def test_the_same_bits_twice(device: torch.device, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are, and no longer where the order of the examples is not drawn from the seed."""
    answer = twice(NETS, device)
    assert not answer.failed
    assert answer.rows == [(str(net), "same bits") for net in NETS]
    made = itertools.count()
    monkeypatch.setattr(cohort, "torch_generator", lambda *_: torch.Generator().manual_seed(next(made)))
    assert twice(NETS, device).failed


@pytest.mark.parametrize("net", NETS, ids=str)
def test_alone_and_in_a_cohort(net: Tried, device: torch.device, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same bits, and no longer where a step depends on how many nets take it."""
    answer = alone([net], device, cohorts=(2, 3))
    assert not answer.failed
    assert answer.rows == [(str(net), "same bits", "same bits")]
    shifted(monkeypatch, lambda inputs: len(inputs) / 100)
    assert alone([net], device, cohorts=(2,)).failed


def test_the_device_and_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pretended GPU has the CPU's numbers, unless it computes something else."""
    with pretended():
        assert "losses differ by same bits" in agreement([STACK], GPU).says
        shifted(monkeypatch, lambda inputs: 0.1 * inputs.is_cuda)
        (_, loss, *_), *_ = agreement([STACK], GPU).rows
    assert 1e-4 < float(loss) < 1


@pytest.mark.parametrize(("there", "says"), [("supported", "yes, at 11 seeds"), ("refuted", "no: Z01")])
def test_verdicts(there: str, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Items whose verdicts differ are named."""

    def session(arguments: list[str]) -> tuple[dict[str, Any], int, str]:
        verdict = there if "--claims-device=cuda:0" in arguments else "supported"
        entry = {"id": "Z01", "scale": "fast", "verdict": verdict, "effect": None}
        return {"record": {"claims": [entry]}}, 0, ""

    monkeypatch.setattr(judging, "hand_over", session)
    answer = judging.verdicts(GPU)
    assert answer.says == says
    assert answer.rows == [("Z01", "supported not measured", f"{there} not measured")]


def test_another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """It gives the same bits on the same instructions; one that breaks is told."""
    monkeypatch.setattr(starting, "THREADS", ())
    answer = starting.processes([STACK], CPU, {"none": {"PYTHONHOME": "/nowhere"}})
    assert answer.rows[0] == (starting.SAME, "same bits", "")
    assert answer.rows[1][:2] == ("instructions none", "not run")
    assert answer.rows[1][2]
    assert not answer.failed


def test_another_process_that_cannot_be_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is known then, which is no yes."""
    monkeypatch.setattr(starting, "THREADS", ())
    monkeypatch.setattr(starting, "_elsewhere", lambda *asked: "all GPUs are in exclusive mode")
    answer = starting.processes([STACK], CPU, {})
    assert answer.rows == [(starting.SAME, "not run", "all GPUs are in exclusive mode")]
    assert answer.says.startswith("unknown")
    assert answer.failed


def test_another_process_with_other_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    """That fails where it is set up alike, and is no fault of other instructions."""
    shift = {"now": 0.0}
    shifted(monkeypatch, lambda inputs: shift["now"])

    def process(command: list[str], env: dict[str, str], **_: Any) -> subprocess.CompletedProcess[str]:
        shift["now"] = float(env.get("SHIFT", shift["always"]))
        starting._main(*command[-4:])
        shift["now"] = 0.0
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(starting, "THREADS", ())
    monkeypatch.setattr(subprocess, "run", process)
    for always in (0.0, 0.1):
        shift["always"] = always
        answer = starting.processes([STACK], CPU, {"odd": {"SHIFT": "0.1"}})
        assert answer.failed is bool(always)
        assert answer.rows[1][1] != "same bits"


def test_engines(device: torch.device, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each engine that can train a net is timed; one that is faster than the chosen one is named."""
    monkeypatch.setattr(timing, "TOGETHER", {"cpu": (1, 2), "cuda": (1, 2)})
    monkeypatch.setattr(compiled, "BACKEND", None)
    answer = timing.engines(NETS, device, least=1e-3)
    assert [row[:2] for row in answer.rows] == [
        (str(STACK), "batched (chosen)"),
        (str(STACK), "loop"),
        *([(str(STACK), "compiled")] if device.type == "cuda" else []),
        (str(LOOP), "loop" + " (chosen)" * (device.type == "cpu")),
        (str(LOOP), "compiled" + " (chosen)" * (device.type == "cuda")),
    ]
    assert all(row[1].startswith("compiled") if row[4] == "unknown" else float(row[4]) > 0 for row in answer.rows)
    step = Batched.step

    def slow(*given: Any) -> None:
        time.sleep(0.3)
        step(*given)

    monkeypatch.setattr(Batched, "step", slow)
    found = timing.engines([STACK], device, compiled=(), least=1e-3)
    assert found.says == f"faster than what is chosen: {STACK} by loop"


def test_a_machine_without_a_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    """That is told, and its nets are tried in the loop."""
    monkeypatch.setattr(compiled, "_made", lambda *_: [][0])
    monkeypatch.setattr(timing, "TOGETHER", {"cpu": (1,)})
    answer = timing.engines([LOOP], CPU, least=1e-3)
    assert answer.rows[1][1:3] == ("compiled", "not compiled")
    one, other = (trained(LOOP, CPU, arithmetic=Arithmetic(compiled=each))[0] for each in (True, False))
    assert largest(one, other) == 0


def test_coarser_numbers(device: torch.device, monkeypatch: pytest.MonkeyPatch) -> None:
    """A net that is trained otherwise is told, by how much more than seeds differ; the device is put back."""
    set_up: list[Arithmetic] = []
    monkeypatch.setattr(rounding, "set_up", lambda name, how: set_up.append(how))
    answer = rounding.precision([STACK], device, seeds=3)
    coarser: list[Precision] = ["tf32", "bfloat16"] if device.type == "cuda" else ["bfloat16"]
    assert [row[1] for row in answer.rows] == coarser
    assert set_up == [PLAIN, *map(Arithmetic, coarser), arithmetic_of(str(device))]
    # What is pretended is not rounded to TF32; in bfloat16 another engine trains.
    assert [row[2] == "0" for row in answer.rows] == [how == "tf32" for how in coarser]
    assert all(row[-1] == "yes" for row in answer.rows)
    step = Loop.step
    monkeypatch.setattr(Loop, "step", lambda self, inputs, *others: step(self, inputs + 9.0 * self._half, *others))
    assert rounding.precision([STACK], device, seeds=3).rows[-1][-1] == "no"


def test_constants_are_for_a_plan(device: torch.device, tmp_path: Path) -> None:
    """They are read as the plan reads them."""
    found, answer = measuring.constants(device, NETS, [STACK], sizes=(16, 100), least=1e-3)
    assert found.kind == device.type
    assert len(answer.rows) == 2
    (tmp_path / "here.json").write_text(json.dumps({"here": asdict(found)}), encoding="utf-8")
    assert devices.read(tmp_path / "here.json") == {"here": found}


@pytest.mark.parametrize("kind", ["cpu", "cuda"])
def test_constants_of_a_device_that_the_model_fits(kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where steps take what the model says, its constants are found."""
    true = devices.Device(
        kind=kind, tflops=2.0, double_tflops=0.5, gigabytes=100.0, launch=10.0, draw=3.0, source="invented"
    )
    works = {
        str(STACK): Work(launches=50.0),
        "mlp-1x4": Work(flops=4e9, moved=3e7, launches=20.0),
        "mlp-1x5": Work(flops=9e9, moved=2e8, launches=90.0),
    }
    rates = {torch.float32: 8e12, torch.float64: 2e12}
    monkeypatch.setattr(measuring, "_product_rate", lambda side, number, *_: rates[number])
    monkeypatch.setattr(measuring, "_bandwidth", lambda *_: 1e11)
    monkeypatch.setattr(measuring, "_draw", lambda *_: 3e-9)
    monkeypatch.setattr(measuring, "_name", lambda _: "an invention")

    def step(net: Tried, *_: Any) -> tuple[Work, float]:
        work = works.get(net.model, works[str(STACK)])
        return work, measuring._priced(work, true)

    monkeypatch.setattr(measuring, "_step", step)
    found, answer = measuring.constants(torch.device(kind), [Tried("mlp-1x4"), Tried("mlp-1x5")], [STACK])
    for name in ("tflops", "double_tflops", "gigabytes", "launch", "draw"):
        assert getattr(found, name) == pytest.approx(getattr(true, name), rel=0.02), name
    assert "within a factor of 1;" in f"{answer.says};"


@pytest.mark.parametrize("failed", [False, True])
def test_the_command(failed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """It prints Markdown whose rows are whole, and its status is 1 where an answer failed."""
    first = Answer(question="Is it?", says="yes", columns=("a", "b" * 100), rows=[("x|y", "z" * 100)])
    last = Answer(question="And now?", says="it is so", columns=(), rows=[], failed=failed)
    monkeypatch.setattr(command, "examination", lambda device, save: iter((first, last)))
    done = CliRunner().invoke(main, ["doctor", "--device", "cpu"])
    assert done.exit_code == int(failed), done.output
    lines = [line.split() for line in done.output.splitlines()]
    assert ["##", "Is", "it?"] in lines
    assert ["|", "x/y", "|", "z" * 100, "|"] in lines
    assert ("**FAILED**:" in done.output) is failed


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("--device tpu", "unknown device 'tpu'; legal are auto, cpu, cuda, cuda:N"),
        ("--device cuda:999", "device 'cuda:999' was asked for and there "),
        ("--json no/where.json", "--json is no/where.json and there is no folder "),
    ],
)
def test_what_it_refuses(arguments: str, says: str) -> None:
    """In one line."""
    done = CliRunner().invoke(main, ["doctor", *arguments.split()])
    assert done.exit_code == 2
    assert done.output.startswith(f"Error: {says}")


@pytest.mark.parametrize("net", [*measuring.MODELS, *measuring.TINY, *tried.NETS], ids=str)
def test_nets_take_their_images(net: Tried) -> None:
    """Each can be built."""
    build(net.spec(), net.shape, CLASSES)
