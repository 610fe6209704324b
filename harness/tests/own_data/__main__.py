"""Judge the fast claims on data sets as users may have them: `python -m memorization_claims.tests.own_data`."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from memorization_claims.cli.sessions import hand_over
from memorization_claims.cli.stability import portable
from memorization_claims.data import source
from memorization_claims.reports import whole
from memorization_claims.tests.checkout import ROOT, TRUST, of_checkout
from memorization_claims.tests.own_data import outcome, sets
from memorization_claims.tests.own_data.page import markdown

HURRIED = ("-p", "memorization_claims.tests.own_data.hurried")
KNOWN = {"mnist": "MNIST", "cifar10": "CIFAR-10"}
"""Sets that are judged where the data root has them."""
BASE_SEED = "700000"
"""Below that of a session, so that what is mended here has not seen its runs."""
ALL = (*sets.SETS, *KNOWN)


def main(given: Sequence[str] | None = None) -> int:
    """Judge the fast claims on each data set, and write what came of it; the exit status is 1 if anything went wrong.

    Other arguments are pytest's, which judges the claims of the checkout unless they name others.
    """
    parser = argparse.ArgumentParser(prog="python -m memorization_claims.tests.own_data", description=main.__doc__)
    parser.add_argument("--seeds", type=int, default=2, help="at which each claim is looked at once (default: 2)")
    parser.add_argument("--whole", action="store_true", help="train to the end; else for two epochs below 11 seeds")
    parser.add_argument("--only", choices=ALL, action="append", metavar="NAME", help=f"of {', '.join(ALL)}")
    parser.add_argument("--folder", type=Path, default=TRUST, help="of the results")
    parser.add_argument("--work", type=Path, default=ROOT / ".claims/own-data", help="folder of data sets and stores")
    parser.add_argument("--data-root", type=Path, default=source.default_root(), help="where MNIST and CIFAR-10 are")
    asked, arguments = parser.parse_known_args(given)
    file = asked.folder / "own-data.json"
    results: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    hurried = not asked.whole and asked.seeds < 11
    for data in asked.only or [name for name in ALL if name in sets.SETS or source.available(name, asked.data_root)]:
        name = ", ".join([data, f"{asked.seeds} seeds", *(["hurried"] if hurried else []), *portable(arguments)])
        if name in results:
            print(f"{name}: is there", file=sys.stderr)
            continue
        store = asked.work / name
        about = {"data": data, "says": _says(data), "seeds": asked.seeds, "hurried": hurried}
        about["arguments"] = portable(arguments)
        chosen = data if data in KNOWN else str(sets.write(data, asked.work))
        options = ["--claims-dataset", chosen, "--claims-seeds", str(asked.seeds), "--claims-base-seed", BASE_SEED]
        options += ["--claims-store", str(store), *(HURRIED if hurried else ())]
        # Claims about data of their own are judged where these are, once.
        options += ["--claims-data-root", str(asked.data_root if data in KNOWN else asked.work)]
        judged = outcome.of(*hand_over([*of_checkout(arguments), *options]))
        results[name] = {**about, "noise": data == sets.NOISE, "outcome": judged}
        asked.folder.mkdir(parents=True, exist_ok=True)
        whole.write(file, json.dumps(results, indent=1, allow_nan=False) + "\n")
        whole.write(asked.folder / "own-data.md", markdown(results))
        shutil.rmtree(store, ignore_errors=True)
        print(f"{name}: {judged['verdicts'] or judged['refused']}, {len(judged['errors'])} errors", flush=True)
        print(*judged["errors"], sep="\n", file=sys.stderr)
    wrong = [name for name, each in results.items() if each["outcome"]["errors"]]
    contradicted = [name for name, each in results.items() if each["noise"] and each["outcome"]["contradictions"]]
    return int(bool(wrong or contradicted))


def _says(data: str) -> str:
    return KNOWN[data] if data in KNOWN else sets.SETS[data].says


if __name__ == "__main__":
    sys.exit(main())
