"""Texts in the characters that a stream can show."""

from __future__ import annotations

import unicodedata

FORMS = {
    **{"→": "->", "←": "<-", "\N{MINUS SIGN}": "-", "\N{EN DASH}": "-", "—": "--", "\N{MULTIPLICATION SIGN}": "x"},
    **{"·": "*", "•": "*", "…": "...", "±": "+-", "≤": "<=", "≥": ">=", "≠": "!=", "≈": "~", "∞": "inf", "√": "sqrt"},
    **{"\N{LEFT SINGLE QUOTATION MARK}": "'", "\N{RIGHT SINGLE QUOTATION MARK}": "'", "\N{PRIME}": "'"},
    **{"“": '"', "”": '"', "„": '"', "\N{NO-BREAK SPACE}": " ", "∈": "in", "§": "section", "\N{MICRO SIGN}": "mu"},
    **{"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "ß": "ss", "æ": "ae", "Æ": "AE"},
}
"""What stands for a character where it cannot be shown."""


def plain(text: str, encoding: str | None) -> str:
    """A text that an encoding can hold: each character that it cannot hold is replaced by a plain form.

    Args:
        text: any.
        encoding: name of the encoding; None, or a name that is unknown, for ASCII.
    """
    try:
        text.encode(encoding or "ascii")
    except UnicodeEncodeError:
        return "".join(_shown(character, encoding or "ascii") for character in text)
    except LookupError:
        return plain(text, "ascii")
    return text


def _shown(character: str, encoding: str) -> str:
    """The character itself, its plain form, its letter without accents, a Greek letter's name, or its number."""
    name = unicodedata.name(character, "").split()
    greek = name[-1].lower() if name[:1] == ["GREEK"] and len(name) == 4 else ""
    bare = "".join(one for one in unicodedata.normalize("NFKD", character) if not unicodedata.combining(one))
    for form in (character, FORMS.get(character, ""), greek, bare):
        if form and _holds(form, encoding):
            return form
    return character.encode("ascii", "backslashreplace").decode("ascii")


def _holds(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
