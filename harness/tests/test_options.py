"""Options that cannot be: a plain message with what is legal, before anything is trained."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from memorization_claims.controls.find import mutants
from memorization_claims.plan.plan import Plan
from memorization_claims.session.overrides import Overrides
from memorization_claims.spec import names
from memorization_claims.spec.kernel import KernelSpec
from memorization_claims.spec.recipe import Recipe
from memorization_claims.spec.run import RunSpec
from memorization_claims.tests import toy_project

UNUSABLE = [
    (
        ("--claims-dataset=mnits",),
        "unknown dataset 'mnits'; legal are digits, mnist, cifar10, the path of an .npz file, or "
        "package.module:function",
    ),
    (
        ("--claims-dataset=cifar10", "--claims-data-root=."),
        "cifar10 is not in .: put cifar10.npz there (arrays x_train,",
    ),
    (
        ("--claims-data-root=nowhere",),
        "--claims-data-root is nowhere, which does not exist; legal is a folder of data sets; --claims-",
    ),
    (
        ("--claims-data-root=pytest.ini", "--claims-download"),
        "--claims-data-root is pytest.ini, which is a file; legal is a folder of data sets",
    ),
    (("--claims-dataset=missing.npz",), "there is no file {here}/missing.npz; give --claims-dataset the path of"),
    (
        ("--claims-dataset=missing.npz", "--claims-download"),
        "there is no file {here}/missing.npz; give --claims-dataset",
    ),
    (
        ("--claims-model=mpl-1x4",),
        f"unknown model 'mpl-1x4'; legal are {names.legal_models()}, or package.module:factory",
    ),
    (
        ("--claims-model=absent.nets:net",),
        "model 'absent.nets:net': there is no module 'absent.nets' on the path; legal are",
    ),
    (("--claims-optimizer=rmsprop",), "unknown optimizer 'rmsprop'; legal are sgd, adam, or package.module:factory"),
    (("--claims-optimizer=absent.steps:own",), "optimizer 'absent.steps:own': there is no module 'absent.steps'"),
    (("--claims-precision=float16",), "--claims-precision is 'float16'; legal are float32, tf32, bfloat16"),
    (
        ("--claims-precision=tf32", "--claims-device=cpu"),
        "--claims-precision is tf32, which a CPU has not; legal are float32, bfloat16",
    ),
    (("--claims-compiled=maybe",), "--claims-compiled is 'maybe'; legal are yes, no"),
    (("--claims-rate=-1",), "--claims-rate is -1.0; legal is a finite number, 0 or more"),
    (("--claims-rate=inf",), "--claims-rate is inf; legal is a finite number, 0 or more"),
    (
        ("--claims-pixel-range=0,1",),
        "--claims-pixel-range is said of the data set of --claims-dataset, which is not given",
    ),
    (("--claims-layout=channels-last",), "--claims-layout is said of the data set of --claims-dataset, which is"),
    *(
        (
            ("--claims-dataset=digits", f"--claims-pixel-range={given}"),
            f"--claims-pixel-range is {given!r}; legal is LOW,HIGH, two numbers, the lower first",
        )
        for given in ("1", "1,0", "1,1", "0,1,2", "0,inf", "0..1", "a,b")
    ),
    (
        ("--claims-dataset=digits", "--claims-layout=NHWC"),
        "--claims-layout is 'NHWC'; legal are channels-first, channels-last",
    ),
    (("--claims-device=tpu",), "unknown device 'tpu'; legal are auto, cpu, cuda, cuda:N"),
    (
        ("--claims-device=cuda",),
        "device 'cuda' was asked for and there is no GPU; use --claims-device cpu or --claims-device auto",
    ),
    (("--claims-mutant=unknown",), f"unknown mutant 'unknown'; legal are {', '.join(mutants())}, or"),
    (
        ("--claims-mutant=absent.broken:OWN",),
        "mutant 'absent.broken:OWN': No module named 'absent'; legal is package.module:NAME",
    ),
    (("--claims-seeds=0",), "--claims-seeds is 0; legal is 1 or more"),
    (("--claims-placebo", "--claims-aa"), "--claims-placebo and --claims-aa are two controls; legal is one of them"),
    (("--claims-aa", "--claims-placebo-seed=-1"), "--claims-placebo-seed is -1; legal is 0 or more"),
    (("--claims-placebo-seed=1",), "--claims-placebo-seed is said of --claims-placebo or --claims-aa, which is not"),
    (("--claims-base-seed=-1",), "--claims-base-seed is -1; legal is 0 or more"),
    (
        ("--claims-store=pytest.ini/store",),
        "--claims-store is {here}/pytest.ini/store and {here}/pytest.ini is a file; legal is a folder",
    ),
    (
        ("--claims-report=pytest.ini",),
        "--claims-report is {here}/pytest.ini and {here}/pytest.ini is a file; legal is a folder that can be written",
    ),
]
CHEAP = [arguments for arguments, _ in UNUSABLE if not arguments[0].startswith("--claims-mutant")]
"""What a mutant breaks is imported to look for it."""
MANY = """
import sys
import pytest
for arguments in {arguments!r}:
    assert pytest.main([*{quick!r}, "test_trained.py", *arguments]) == pytest.ExitCode.USAGE_ERROR, arguments
    assert not {{"torch", "torchvision"}} & set(sys.modules), arguments
"""


@pytest.mark.parametrize(("arguments", "message"), UNUSABLE, ids=[" ".join(each) for each, _ in UNUSABLE])
@pytest.mark.usefixtures("_no_gpu")
def test_an_unusable_option_is_refused(pytester: pytest.Pytester, arguments: tuple[str, ...], message: str) -> None:
    """The message names the value and what is legal; the exit status is that of a usage error, nothing is left."""
    toy_project.write(pytester.path, test_trained=toy_project.TRAINED)
    before = sorted(pytester.path.rglob("*"))
    result = pytester.runpytest_inprocess(*toy_project.QUICK, "test_trained.py", *arguments)
    errors = str(result.stderr)
    assert result.ret is pytest.ExitCode.USAGE_ERROR
    assert f"ERROR: {message.format(here=pytester.path)}" in errors
    assert "Traceback" not in errors
    assert sorted(pytester.path.rglob("*")) == before


@pytest.fixture
def _no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("memorization_claims.session.devices.gpus_installed", lambda: 0)


def test_a_folder_without_access_is_refused(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store in a folder of somebody else's is told before the training that it would lose."""
    toy_project.write(pytester.path, test_trained=toy_project.TRAINED)
    monkeypatch.setattr("os.access", lambda path, mode: path != pytester.path)
    result = pytester.runpytest_inprocess(*toy_project.QUICK, "test_trained.py", "--claims-store=new/store")
    assert result.ret is pytest.ExitCode.USAGE_ERROR
    message = f"--claims-store is {pytester.path}/new/store and {pytester.path} cannot be written; legal is a folder"
    assert message in str(result.stderr)


def test_unusable_options_cost_no_import(tmp_path: Path) -> None:
    """None of them waits for torch, but for a mutant, which stands beside what it breaks."""
    toy_project.write(tmp_path, test_trained=toy_project.TRAINED)
    script = MANY.format(arguments=CHEAP, quick=toy_project.QUICK)
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("ERROR: ") == len(CHEAP)


def test_a_record_is_not_lost_to_a_collection(pytester: pytest.Pytester) -> None:
    """Listing the items leaves the record of an earlier session as it is."""
    toy_project.write(pytester.path, test_trained=toy_project.TRAINED)
    pytester.runpytest_inprocess(
        *toy_project.QUICK, "--collect-only", "-q", "--claims-report=record", "test_trained.py"
    )
    assert not (pytester.path / "record").exists()


def test_an_optimizer_of_the_users_trains_every_net() -> None:
    """Also a model that a claim is about; kernels are not trained. What departs is said."""
    recipe = Recipe(rate=0.1, batch=10, epochs=1)
    base = RunSpec(data="digits", model="mlp-1x4", recipe=recipe)
    plan = Plan(base=base, conditions={"narrow": {"model": "mlp-1x2"}, "wide": {"model": "mlp-1x8"}})
    kernels = Plan(base=KernelSpec(data="digits"), conditions={"true": {}})
    options = Overrides(optimizer="adam", rate=0.01)
    assert options.setting(plan) == plan.trained(optimizer="adam", rate=0.01)
    assert options.changes(plan)
    assert options.departures(plan) == (
        "trained with optimizer adam, chosen by the user",
        "trained with rate 0.01, chosen by the user",
    )
    assert (options.setting(kernels), options.changes(kernels), options.departures(kernels)) == (kernels, False, ())


def test_a_claim_about_models_of_its_own_keeps_them() -> None:
    """The user's model takes no part there, so what was found holds and nothing departs; elsewhere it is said."""
    recipe = Recipe(rate=0.1, batch=10, epochs=1)
    base = RunSpec(data="digits", model="mlp-1x4", recipe=recipe)
    own = Plan(base=base, conditions={"narrow": {"model": "mlp-1x2"}, "wide": {"model": "mlp-1x8"}})
    open_to_any = Plan(base=base, conditions={"true": {}, "narrow": {"model": "mlp-1x2"}})
    options = Overrides(model="cnn-4")
    assert (options.setting(own), options.changes(own), options.departures(own)) == (own, False, ())
    assert options.setting(open_to_any) == open_to_any.changed(model="cnn-4")
    assert options.changes(open_to_any)
    assert options.departures(open_to_any) == ("judged with the model cnn-4, chosen by the user",)
