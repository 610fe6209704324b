"""What goes wrong in code of a user's, told in one line: what was called, what it raised, and where."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from memorization_claims.errors import HarnessError, SettingError

LONGEST = 300
"""Characters of an exception's own message that are shown."""
OURS = Path(__file__).parents[1]


@contextmanager
def user_code(what: str, legal: str = "") -> Iterator[None]:
    """Turn whatever is raised within into a SettingError; what this package raises stays as it is.

    Args:
        what: what is called and with what, as the subject of "raised".
        legal: what is legal, where that is not plain.

    Raises:
        SettingError: naming all of it, with file and line of the user's code.
    """
    try:
        yield
    except HarnessError:
        raise
    except Exception as error:
        message = " ".join(str(error).split())
        short = message if len(message) <= LONGEST else f"{message[: LONGEST - 3]}..."
        raised = f"{type(error).__name__}{': ' if short else ''}{short}"
        raise SettingError(f"{what} raised {raised}{_place(error)}{'; ' if legal else ''}{legal}") from error


def _place(error: Exception) -> str:
    """File and line of the innermost frame that is neither this package's nor an installed library's."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if _is_users(Path(frame.filename))]
    return f" ({Path(own[-1].filename).name}, line {own[-1].lineno})" if own else ""


def _is_users(file: Path) -> bool:
    installed = {"site-packages", "dist-packages"} & set(file.parts)
    released = file.name.startswith("<") or file.is_relative_to(Path(traceback.__file__).parent)
    return not (installed or released or (file.is_relative_to(OURS) and "tests" not in file.parts))
