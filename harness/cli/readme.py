"""What this repository's documents show of records, written anew from them: `python -m memorization_claims.cli.readme`.

A block stands between `<!-- claims KIND RECORD -->` and `<!-- end -->` in a Markdown file; KIND is one of those in
`reports/blocks.py`, RECORD the path of a `verdicts.json` from the folder of the file, and after a colon stand the items
that `lines` is to show, or the earlier records of a `comparison`. Of the kind `mutants` the path is that of a
`mutants.json`, of the kind `stability` that of a folder of `claims stability`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from memorization_claims.cli.usage import OneLineCommand
from memorization_claims.errors import DataError, SettingError
from memorization_claims.reports import matrix, picture, stability
from memorization_claims.reports.blocks import KINDS
from memorization_claims.reports.reading import read

ROOT = Path(__file__).resolve().parents[2]
OTHERS: Mapping[str, Callable[[Path], str]] = {
    "mutants": lambda path: matrix.markdown(matrix.read(path)),
    "stability": stability.gist,
}
"""Blocks of no record, by kind: of what `claims mutants --save` and `claims stability` wrote."""
RECORD = ROOT / "reports/reference/torch-2.14-all-data/verdicts.json"
PICTURE = ROOT / "reports/pictures/terminal.svg"
PICTURED = ("G02[longer]", "G02[stage]", "G10[accuracy]", "G10[rescaled-mlp-accuracy]", "Z16[gain]", "Z17[cifar10]")
"""The items that the picture in the README shows."""
BLOCK = re.compile(r"(<!-- claims (\w+) ([^\s:]+)(?:: ([^>]*?))? -->\n).*?(<!-- end -->\n)", re.DOTALL)


def documents() -> list[Path]:
    """The Markdown files of this repository that hold blocks."""
    folders = [path for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")]
    paths = [*ROOT.glob("*.md"), *(path for folder in folders for path in folder.rglob("*.md"))]
    return sorted(path for path in paths if BLOCK.search(path.read_text(encoding="utf-8")))


def renewed(text: str, folder: Path) -> str:
    """A text with each of its blocks written anew.

    Args:
        text: of a Markdown file.
        folder: that the paths of records begin in: the file's.

    Raises:
        DataError: a block's kind is none of those there are, or its record or an item of it is missing.
    """

    def block(match: re.Match[str]) -> str:
        begin, kind, path, items, end = match.groups()
        if kind in OTHERS:
            return f"{begin}\n{OTHERS[kind](folder / path)}\n\n{end}"
        if kind not in KINDS:
            raise DataError(f"no block of kind {kind!r}; legal are {', '.join((*KINDS, *OTHERS))}")
        listed: list[Any] = items.split(", ") if items else []
        if kind == "comparison":
            listed = [read(folder / one) for one in listed]
        return f"{begin}\n{KINDS[kind](read(folder / path), listed)}\n\n{end}"

    return BLOCK.sub(block, text)


@click.command(cls=OneLineCommand, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--check", is_flag=True, help="Write nothing; fail where a block is old.")
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def main(files: tuple[Path, ...], check: bool) -> None:
    """Write the blocks of Markdown FILES anew; by default of all files here that hold any, and the picture."""
    old = []
    for path in files or (*documents(), PICTURE):
        before = path.read_text(encoding="utf-8")
        try:
            after = picture.svg(read(RECORD), PICTURED) if path == PICTURE else renewed(before, path.parent)
        except (DataError, SettingError, OSError) as error:
            raise click.ClickException(f"{path}: {error}") from error
        if before != after and check:
            old.append(str(path))
        elif before != after:
            path.write_text(after, encoding="utf-8")
            click.echo(path)
    if old:
        raise click.ClickException(f"not current: {', '.join(old)}; run python -m memorization_claims.cli.readme")


if __name__ == "__main__":
    main()
