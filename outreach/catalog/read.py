"""Read the catalog of a language.

A language is one file, ``<code>.toml``, which translators edit; adding a file adds the language.
"""

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from babel import Locale, UnknownLocaleError

from outreach.catalog.words import Text, Texts, Words
from outreach.errors import DataError
from outreach.phrasing import list_names

#: Where the catalogs are.
FOLDER: Traversable = resources.files("outreach.catalog")
#: The language in which every text is written first.
MOTHER = "en"
#: This many missing texts are named.
_NAMED = 8
#: The plural forms of the Unicode CLDR.
_FORMS = {"zero", "one", "two", "few", "many", "other"}


def list_languages(folder: Traversable = FOLDER) -> list[str]:
    """Return the codes of the languages that have a catalog, English first."""
    codes = {
        entry.name.removesuffix(".toml")
        for entry in folder.iterdir()
        if entry.name.endswith(".toml")
    }
    return [MOTHER, *sorted(codes - {MOTHER})]


@cache
def read_words(code: str, folder: Traversable = FOLDER) -> Words:
    """Read the catalog of a language.

    A text that it lacks is the English one; :attr:`Words.untranslated` names it.

    Parameters
    ----------
    code
        The name of its file, such as ``es``.
    folder
        The folder of the catalogs, ``en.toml`` among them.

    Raises
    ------
    DataError
        There is no such catalog, it is not TOML, it has a text that English lacks, or a text has
        other places than the English one.
    """
    languages = list_languages(folder)
    if code not in languages:
        raise DataError(
            f"There are no pages in the language '{code}'.",
            f"Choose from {', '.join(languages)}, or add a catalog file.",
        )
    english = _read_texts(MOTHER, folder)
    own = english if code == MOTHER else _read_texts(code, folder)
    for key, text in own.items():
        _check_text(key, text, english, code)
    missing = tuple(key for key in english if key not in own)
    locale = _parse_locale(str(own.get("language.locale", code)), code)
    return Words(code, locale, {**english, **own}, missing)


def read_all(codes: Sequence[str] = ()) -> tuple[Words, ...]:
    """Read the catalogs of some languages, or of all, English first."""
    return tuple(read_words(code) for code in codes or list_languages())


def name_untranslated(words: Words) -> str:
    """Name the texts that a catalog lacks, in one sentence; empty for none."""
    keys = words.untranslated
    if not keys:
        return ""
    texts = "1 text is" if len(keys) == 1 else f"{len(keys):,} texts are"
    named = list_names(keys, _NAMED)
    return f"The catalog {words.code}.toml is incomplete: {texts} in English ({named})."


def _check_text(key: str, text: Text, english: Texts, code: str) -> None:
    """Refuse a text that English lacks, or that has other places than the English text."""
    if key not in english:
        raise DataError(
            f"The catalog {code}.toml has a text '{key}' that en.toml lacks.",
            "Write its name as in en.toml, or take it out.",
        )
    places, expected = _find_places(text), _find_places(english[key])
    if places != expected:
        raise DataError(
            f"The text '{key}' of {code}.toml has the places {places}, in English {expected}.",
            "Use the same words in braces.",
        )


def _parse_locale(name: str, code: str) -> Locale:
    """Return a CLDR locale."""
    try:
        return Locale.parse(name)
    except (UnknownLocaleError, ValueError):
        raise DataError(
            f"The catalog {code}.toml names an unknown locale: {name}.",
            "Use one of the Unicode CLDR, such as es_US.",
        ) from None


def _read_texts(code: str, folder: Traversable) -> Texts:
    """Read one file into dotted keys."""
    file = folder / f"{code}.toml"
    try:
        return dict(_flatten(tomllib.loads(file.read_text(encoding="utf-8"))))
    except tomllib.TOMLDecodeError as error:
        raise DataError(
            f"The catalog {code}.toml is not TOML: {error}.", "Fix that line."
        ) from error


def _flatten(table: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    """Turn nested tables into dotted keys; a table of plural forms is one text."""
    pairs: list[tuple[str, Any]] = []
    for key, value in table.items():
        nested = isinstance(value, dict) and not set(value) <= _FORMS
        pairs += _flatten(value, f"{prefix}{key}.") if nested else [(f"{prefix}{key}", value)]
    return pairs


def _find_places(text: Text) -> list[str]:
    """Return the places of a text; of plural forms those of ``other``."""
    whole = text["other"] if isinstance(text, dict) else text
    return sorted(set(re.findall(r"\{(\w+)\}", whole)))
