"""The page of what full scale costs says what the claims ask for now, by the constants as they are now."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner

from memorization_claims.cli import price_page
from memorization_claims.price import devices

DEVICE = devices.BUILT_IN[price_page.DEVICE]
WORK = {"flops": 3.6e3 * DEVICE.tflops * 1e12, "moved": 0.0, "launches": 10.0, "peak": 2e9, "drawn": 0.0}
"""An hour."""
JOB: dict[str, Any] = {
    **{"kind": "run", "model": "mlp-1x4", "data": "digits", "spec": {"seed": 0}, "first": 12, "most": 24, "stage": 1},
    **{"stored": {"cpu": [], "cuda": []}, "work": {"cpu": WORK, "cuda": WORK}, "double": False, "bound": True},
    **{"kept": 1e6, "nets": 1, "parameters": 300, "passes": {"training": 1000, "evaluation": 500}},
}
PRICE = {"items": 2, "cases": 0, "missing": [], "unpriced": [], "jobs": [JOB], "stages": [1, 1]}


def test_the_page_of_a_price() -> None:
    """Twelve hours are three on four devices; twice as many at most; all are of runs that may stop."""
    text = price_page.page(PRICE, DEVICE)
    flops = 12 * WORK["flops"] / 1e15
    assert f"\n| at the first look | 12 | {flops:.4g} | 0.012 | 12 | 3 | 1 |\n| at most, all looks | 24 |" in text
    assert "\n| 1 | 2 | 12 | 24 |\n" in text
    numbers = f"12 | 0 | 12 | 300 | 12k | 6k | 0 | {flops:.3g} | 120 | 2G | 12M | 12 | 24"
    assert f"\n| mlp-1x4 | digits | {numbers} |\n" in text
    assert "\n- 12 of the runs at the first look may stop at a fit, and count to their budget's end: 12 of the " in text


def test_the_page_has_the_constants_as_they_are() -> None:
    """And it takes its sums from them: where these change, the page has to be written anew."""
    text = price_page.PAGE.read_text(encoding="utf-8")
    assert f"h100: {DEVICE.tflops:g} TFLOP/s ({DEVICE.double_tflops:g} in double precision), " in text
    assert f"{DEVICE.gigabytes:g} GB/s, {DEVICE.launch:g} us an operation, {DEVICE.draw:g} ns to draw a value" in text
    assert DEVICE.source in text


def test_an_old_page_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """`--check` fails on it and writes nothing; without it the page is written."""
    monkeypatch.setattr(price_page, "PAGE", tmp_path / "price.md")
    monkeypatch.setattr(price_page, "priced", lambda: PRICE)
    done = CliRunner().invoke(price_page.main, ["--check"])
    assert (done.exit_code, done.stderr) == (
        1,
        f"Error: not current: {price_page.PAGE}; run python -m memorization_claims.cli.price_page\n",
    )
    assert not price_page.PAGE.exists()
    assert CliRunner().invoke(price_page.main, []).output == f"{price_page.PAGE}\n"
    assert CliRunner().invoke(price_page.main, ["--check"]).exit_code == 0


def test_the_page_is_current() -> None:
    """`python -m memorization_claims.cli.price_page` would change nothing."""
    assert price_page.PAGE.read_text(encoding="utf-8") == price_page.page(price_page.priced(), DEVICE)
