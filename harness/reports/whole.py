"""Files that are there whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path


def write(target: Path, text: str) -> Path:
    """Write a file in UTF-8 beside its place, then put it there.

    Returns:
        The target.

    Raises:
        OSError: where it cannot be written; what was there stays.
    """
    partial = target.with_name(f".{target.name}.{os.getpid()}")
    partial.write_text(text, encoding="utf-8")
    partial.replace(target)
    return target
