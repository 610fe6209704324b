"""The price of full scale, a page of this repository: `python -m memorization_claims.cli.price_page`.

Nothing is trained, and neither a GPU nor data are needed: data sets are priced by their published sizes.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from itertools import chain
from pathlib import Path
from typing import Any

import click

from memorization_claims.cli import plan
from memorization_claims.cli.sessions import collect
from memorization_claims.cli.usage import OneLineCommand
from memorization_claims.price import devices, totals
from memorization_claims.reports.compare.markdown import table

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "reports" / "price.md"
DEVICE = "h100"
WORKERS = 4
SUMS = ("", "runs", "PFLOP", "GB kept", "hours on one", f"hours on {WORKERS}", "the longest")
COMMAND = "python -m memorization_claims.cli.price_page"
HEAD = f"""# What full scale costs

Written by `{COMMAND}` from what `claims plan -m fullscale --device {DEVICE}`
says where nothing is stored and no data are there. Nothing of it has been run: operations and bytes are counted, and
the constants below make hours of them. Items are looked at after 12 seeds first, the least that can decide, and after
24 at most. What torchrun trains on ImageNet (Z29) stands in a line at the end, and costs nothing in the tables, also
where it is all of a stage.
"""


def priced() -> dict[str, Any]:
    """What the fullscale claims of the papers need, as `price.bill.bill` tells it, with nothing here."""
    with tempfile.TemporaryDirectory() as nothing:
        nowhere = ("--claims-data-root", nothing, "--claims-store", f"{nothing}/store", "-p", "no:cacheprovider")
        told: dict[str, Any] = collect([str(ROOT / "claims"), "-m", "fullscale", *nowhere], also="price")["price"]
    return told


def page(price: dict[str, Any], device: devices.Device) -> str:
    """The page, in Markdown.

    Args:
        price: with `stages`, as a session hands it over.
        device: of a worker.
    """
    jobs = [job for job in price["jobs"] if job["kind"] != "training"]
    looks = {look: totals.at(jobs, device, look, WORKERS) for look in totals.LOOKS}
    words = {"first": "at the first look", "most": "at most, all looks"}
    sums = [(words[look], *_sums(found)) for look, found in looks.items()]
    stages = totals.by_stage(jobs, device, price["stages"])
    nets = [(*plan.net(row), *plan.passes(row), *plan.costs(row)) for row in totals.by_net(jobs, device)]
    return (
        "\n".join(
            chain(
                (HEAD, f"On H100s, hours of training and fitting for {price['items']} items:", ""),
                table(SUMS, sums),
                ("## By stage", "", "What each costs after those before it.", ""),
                table(plan.STAGE, map(plan.stage, stages)),
                ("## By net", "", "At the first look, images and operations; with the hours at the last.", ""),
                table((*plan.NET, *plan.PASSES, *plan.COSTS), nets),
                ("## What it rests on", ""),
                (f"- {line}" for line in plan.lines(price, looks, DEVICE, device, WORKERS)),
            )
        )
        + "\n"
    )


def _sums(found: Mapping[str, Any]) -> tuple[str, ...]:
    hours = (f"{found[each] / 3600:.3g}" for each in ("seconds", "balanced", "longest"))
    return str(found["runs"]), f"{found['flops'] / 1e15:.4g}", f"{found['kept'] / 1e9:.3g}", *hours


@click.command(cls=OneLineCommand, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--check", is_flag=True, help="Write nothing; fail if the page is old.")
def main(check: bool) -> None:
    """Price the fullscale claims anew, and write it to reports/price.md."""
    before = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    after = page(priced(), devices.BUILT_IN[DEVICE])
    if check and before != after:
        raise click.ClickException(f"not current: {PAGE}; run {COMMAND}")
    if before != after:
        PAGE.write_text(after, encoding="utf-8")
        click.echo(PAGE)


if __name__ == "__main__":
    main()
