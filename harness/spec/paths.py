"""Paths as users write them."""

from __future__ import annotations

from pathlib import Path

from memorization_claims.errors import SettingError


def expanded(name: str, given: str | Path) -> Path:
    """A path with `~` and `~user` at its beginning replaced by that user's home.

    Args:
        name: of the option or variable that gives the path, for the message.
        given: the path.

    Raises:
        SettingError: no home is known for the user.
    """
    try:
        return Path(given).expanduser()
    except RuntimeError as error:
        user = Path(given).parts[0]
        raise SettingError(f"{name} is {given} and no home is known for {user}; write it out") from error
