"""Which GPU a worker takes, told from the environment and the number of GPUs alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorization_claims.errors import SettingError
from memorization_claims.session import devices


@pytest.mark.parametrize(
    ("visible", "installed", "allowed"),
    [
        (None, 3, ["0", "1", "2"]),
        (None, 0, []),
        ("2,3", 4, ["2", "3"]),
        (" 3 , 1 ", 4, ["3", "1"]),
        ("", 4, []),
        ("-1", 4, []),
        ("1,-1,0", 4, ["1"]),
        ("1,4,0", 4, ["1"]),
        ("GPU-8932f937,GPU-0a1b", 4, ["GPU-8932f937", "GPU-0a1b"]),
        ("GPU-8932f937, 1", 4, ["GPU-8932f937"]),
        ("1,GPU-8932f937", 4, ["1"]),
        ("MIG-ad2b-4106,MIG-GPU-8932f937/1/0", 1, ["MIG-ad2b-4106", "MIG-GPU-8932f937/1/0"]),
        ("1,,0", 4, ["1"]),
        ("1gpu,03", 4, ["1", "3"]),
        ("none", 4, []),
        ("1,0,1", 4, []),
        ("0,1", 0, []),
        ("GPU-8932f937", 0, []),
    ],
)
def test_the_gpus_that_are_allowed(visible: str | None, installed: int, allowed: list[str]) -> None:
    """CUDA_VISIBLE_DEVICES is read as CUDA reads it; unset, it allows every GPU."""
    environment = {} if visible is None else {devices.VISIBLE: visible}
    assert devices.gpus_allowed(environment, installed) == allowed


@pytest.mark.parametrize(
    ("visible", "allowed"),
    [
        ({}, ["0", "1", "2", "3"]),
        ({"HIP_VISIBLE_DEVICES": "3,1"}, ["3", "1"]),
        ({"HIP_VISIBLE_DEVICES": "3,1", "CUDA_VISIBLE_DEVICES": "0"}, ["3", "1"]),
        ({"CUDA_VISIBLE_DEVICES": "2"}, ["2"]),
        ({"ROCR_VISIBLE_DEVICES": "3,GPU-0a1b"}, ["0", "1"]),
        ({"ROCR_VISIBLE_DEVICES": "3,1", "HIP_VISIBLE_DEVICES": "1"}, ["1"]),
        ({"ROCR_VISIBLE_DEVICES": "3", "HIP_VISIBLE_DEVICES": "1"}, []),
        ({"ROCR_VISIBLE_DEVICES": "", "HIP_VISIBLE_DEVICES": "0"}, []),
        ({"HIP_VISIBLE_DEVICES": "-1"}, []),
        ({"HIP_VISIBLE_DEVICES": ""}, []),
    ],
)
def test_the_gpus_of_amd(visible: dict[str, str], allowed: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A torch for ROCm numbers what ROCR_VISIBLE_DEVICES leaves; a worker's one is named in HIP's variable."""
    monkeypatch.setattr(devices, "rocm", lambda: True)
    assert devices.gpus_allowed(visible, 4) == allowed
    for worker in range(5):
        environment = dict(visible)
        devices.claim_gpu(worker, environment, 4)
        assert environment == visible | ({"HIP_VISIBLE_DEVICES": allowed[worker % len(allowed)]} if allowed else {})
        assert devices.choose("auto", environment, 4) == ("cuda" if allowed else "cpu")


def test_amds_variables_say_nothing_of_nvidias_gpus() -> None:
    """Slurm sets both, whatever the GPUs are."""
    assert devices.gpus_allowed({"CUDA_VISIBLE_DEVICES": "0,1", "ROCR_VISIBLE_DEVICES": "0"}, 4) == ["0", "1"]


@pytest.mark.parametrize(("torch", "number"), [("2.9.1+rocm6.4", 2), ("2.9.1+cu130", 0), ("2.9.1", 0)])
def test_amds_gpus_are_counted(torch: str, number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Linux lists other processors beside them. A torch for NVIDIA's asks the driver of those, which is not there."""
    for node, gpu in enumerate(("0", "51106", "4660", "")):
        (tmp_path / str(node)).mkdir()
        (tmp_path / str(node) / "gpu_id").write_text(f"{gpu}\n", encoding="utf-8")

    def missing(name: str) -> None:
        raise OSError(name)

    monkeypatch.setattr(devices, "AMD", tmp_path)
    monkeypatch.setattr(devices, "version", lambda name: torch)
    monkeypatch.setattr("ctypes.CDLL", missing)
    monkeypatch.setattr(devices, "rocm", devices.rocm.__wrapped__)
    assert devices.gpus_installed.__wrapped__() == number


@pytest.mark.parametrize("worker", range(5))
def test_workers_take_turns(worker: int) -> None:
    """Worker k sees the allowed GPU at k modulo their number, and no other."""
    for allowed in (["2", "0", "5"], ["GPU-8932f937", "GPU-0a1b", "GPU-5"], ["MIG-ad2b", "MIG-4106", "MIG-20bd"]):
        environment = {devices.VISIBLE: ",".join(allowed)}
        devices.claim_gpu(worker, environment, 8)
        assert environment == {devices.VISIBLE: allowed[worker % 3]}
        assert devices.gpus_allowed(environment, 8) == [allowed[worker % 3]]


@given(worker=st.integers(0, 100), installed=st.integers(1, 16))
def test_a_worker_sees_one_gpu(worker: int, installed: int) -> None:
    """Whatever the number of workers and GPUs, a worker is left with one that exists and can choose it."""
    environment: dict[str, str] = {}
    devices.claim_gpu(worker, environment, installed)
    assert devices.gpus_allowed(environment, installed) == [str(worker % installed)]
    assert devices.choose("auto", environment, installed) == "cuda"


@pytest.mark.parametrize("visible", [{}, {devices.VISIBLE: ""}, {devices.VISIBLE: "-1"}])
def test_without_a_gpu_nothing_is_claimed(visible: dict[str, str]) -> None:
    """What hides the GPUs goes on hiding them."""
    environment = dict(visible)
    devices.claim_gpu(1, environment, 0 if not visible else 4)
    assert environment == visible


@pytest.mark.parametrize(
    ("asked", "installed", "chosen"),
    [("auto", 0, "cpu"), ("auto", 2, "cuda"), ("cpu", 2, "cpu"), ("cuda", 1, "cuda"), ("cuda:1", 2, "cuda:1")],
)
def test_what_is_asked_for_is_chosen(asked: str, installed: int, chosen: str) -> None:
    """Auto takes a GPU where there is one; everything else is taken at its word."""
    assert devices.choose(asked, {}, installed) == chosen


@pytest.mark.parametrize(
    ("asked", "installed", "message"),
    [
        ("tpu", 1, "unknown device 'tpu'; legal are auto, cpu, cuda, cuda:N"),
        ("cuda:", 1, "unknown device 'cuda:'; legal are auto, cpu, cuda, cuda:N"),
        (
            "cuda",
            0,
            "device 'cuda' was asked for and there is no GPU; use --claims-device cpu or --claims-device auto",
        ),
        (
            "cuda:2",
            2,
            "device 'cuda:2' was asked for and there are 2 GPUs; use --claims-device cpu or --claims-device auto",
        ),
    ],
)
def test_devices_that_cannot_be(asked: str, installed: int, message: str) -> None:
    """An unknown name and a GPU that is not there are refused with what there is."""
    with pytest.raises(SettingError, match=f"^{re.escape(message)}$"):
        devices.choose(asked, {}, installed)


def test_hidden_gpus_are_not_there() -> None:
    """A GPU that the environment hides cannot be asked for."""
    with pytest.raises(SettingError, match="there is no GPU"):
        devices.choose("cuda", {devices.VISIBLE: "-1"}, 4)
