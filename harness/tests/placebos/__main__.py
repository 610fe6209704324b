"""Judge the claims under many placebos and A/A tests at once: `python -m memorization_claims.tests.placebos`."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from memorization_claims.cli.sessions import hand_over
from memorization_claims.reports import whole
from memorization_claims.tests.checkout import TRUST, of_checkout
from memorization_claims.tests.placebos import replayed
from memorization_claims.tests.placebos.page import markdown

PLUGIN = ("-p", "memorization_claims.tests.placebos.replayed")
WHOLE = (0, 1)
"""The exit statuses of pytest when it has judged everything."""


def main(given: Sequence[str] | None = None) -> int:
    """Judge the claims, and what was measured of their runs again under placebos and A/A tests; write what came of it.

    Other arguments are pytest's, which judges the claims of the checkout unless they name others.
    """
    parser = argparse.ArgumentParser(prog="python -m memorization_claims.tests.placebos", description=main.__doc__)
    parser.add_argument("--seeds", type=int, default=20, help="how many of either control (default: 20)")
    parser.add_argument("--folder", type=Path, default=TRUST, help="of the results")
    asked, arguments = parser.parse_known_args(given)
    if asked.seeds < 1:
        parser.error(f"--seeds is {asked.seeds}; legal are 1 or more")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "placebos.json")
        options = (*PLUGIN, replayed.NUMBER, str(asked.seeds), replayed.FILE, str(file))
        handed_over, status, output = hand_over([*of_checkout(arguments), *options])
        items = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    record = handed_over.get("record", {})
    if status not in WHOLE or record["errors"] or record["stopped"] or not items:
        print(output, file=sys.stderr)
        return 2
    result = {
        "seeds": asked.seeds,
        "trained": sum(entry["runs"]["trained"] for entry in record["claims"]),
        "claims": Counter(entry["verdict"] for entry in record["claims"] if entry["id"] in items),
        "environment": {name: record["environment"][name] for name in ("torch", "device", "commit")},
        "items": dict(sorted(items.items())),
    }
    asked.folder.mkdir(parents=True, exist_ok=True)
    whole.write(asked.folder / "placebos.json", json.dumps(result, indent=1) + "\n")
    whole.write(asked.folder / "placebos.md", text := markdown(result))
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
