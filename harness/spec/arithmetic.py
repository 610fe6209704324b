"""In what numbers nets are trained, and whether their steps are compiled: settled beforehand, part of a run's key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from memorization_claims.errors import SettingError
from memorization_claims.spec.checks import legal

Precision = Literal["float32", "tf32", "bfloat16"]
"""Of products and convolutions: float32 throughout; on a GPU factors rounded to TF32's 10 bits of mantissa; or steps of
training with factors rounded to bfloat16's 7, by torch.autocast, and tf32 beside them on a GPU."""
Switch = Literal["yes", "no"]


@dataclass(frozen=True)
class Arithmetic:
    """How a session computes."""

    precision: Precision = "float32"
    compiled: bool = False
    """Whether steps of nets that can be compiled, and are not trained as a stack, are."""

    def __str__(self) -> str:
        return self.precision + ", compiled" * self.compiled


PLAIN = Arithmetic()
"""What a CPU computes in."""


def arithmetic_of(device: str, precision: str | None = None, compiled: str | None = None) -> Arithmetic:
    """What is asked for on a device, or else usual there.

    Args:
        device: cpu, cuda or cuda:N.
        precision: one of `Precision`; by default tf32 on a GPU.
        compiled: yes or no; by default yes on a GPU.

    Raises:
        SettingError: for any other, and for tf32 on a CPU.
    """
    gpu = device.startswith("cuda")
    precision, compiled = precision or ("tf32" if gpu else "float32"), compiled or ("yes" if gpu else "no")
    legal("--claims-precision", precision, Precision)
    legal("--claims-compiled", compiled, Switch)
    if precision == "tf32" and not gpu:
        raise SettingError("--claims-precision is tf32, which a CPU has not; legal are float32, bfloat16")
    return Arithmetic(precision, compiled == "yes")  # type: ignore[arg-type]  # it is legal
