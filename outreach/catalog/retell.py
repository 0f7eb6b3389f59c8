"""Say in a language the sentences that a run keeps in English.

Reasons, notes, and methods are written once, in English, into tables and records that programs
read. The section ``sentence`` of the English catalog holds each with places for what changes. A
sentence that fits one is said by the other languages' text of the same key; any other stays English
and is marked so.

A place is named for what stands in it: one that ends in ``_count``, ``_share``, ``_points``,
``_usd``, or ``_figure`` is a number, one that ends in ``_date`` is a date, one that ends in
``_text`` is a sentence of the same sections or any other text, and any other is a word of
``sentence.term``, an event, or a name.
"""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from babel.numbers import format_decimal

from outreach.catalog.read import MOTHER, read_words
from outreach.catalog.words import Words

_SECTION = "sentence"
#: The words that can stand in a place.
TERMS = f"{_SECTION}.term"
_NUMBER = r"[-+\N{MINUS SIGN}]?\$?\d[\d,]*(?:\.\d+)?%?"
_DATE = r"[A-Z][a-z]+ \d{1,2}, \d{4}"
_TEXT = ".+?"
_NUMBERS = ("_count", "_share", "_points", "_usd", "_figure")
#: The end of a sentence, before the next one.
_END = re.compile(r"(?<=[.!?]) (?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the catalog with what stands in its places, as the English text has it."""

    key: str
    places: dict[str, str]


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence in a language, or the English one; ``lang`` is ``en`` then, and empty else."""

    text: str
    lang: str = ""


def find_sentence(text: str, section: str) -> Sentence | None:
    """Return the sentence of a section, such as ``note``, that a text is; ``None`` for none.

    A first letter may be large and a period at the end may be missing or there.
    """
    plain = text.strip().removesuffix(".")
    for candidate in dict.fromkeys((plain, plain[:1].lower() + plain[1:])):
        for key, pattern in _list_patterns(section):
            if match := pattern.fullmatch(candidate):
                return Sentence(key, match.groupdict())
    return None


def find_term(word: str) -> str | None:
    """Return the key of a word that catalogs have; ``None`` if it is a name of its own."""
    return _list_terms().get(word)


def name_term(word: str, words: Words) -> str:
    """Return a word of ``sentence.term`` in a language; one that no catalog has stays."""
    key = find_term(word)
    return word if key is None else words.say(key)


def retell(text: str, words: Words, *sections: str) -> Told:
    """Say a text in a language: one sentence, several, or clauses between semicolons.

    Parameters
    ----------
    text
        In English, as a run keeps it.
    words
        The language's catalog.
    sections
        Where its sentences stand in the catalog's section ``sentence``, such as ``reason``.

    Returns
    -------
    Told
        English as a whole if a part of it is in no section, or if the language lacks the text.
    """
    if words.code == MOTHER or not text.strip():
        return Told(text)
    whole = _tell_sentence(text, words, sections)
    parts = (
        [whole] if whole else [_tell_clauses(part, words, sections) for part in _END.split(text)]
    )
    told = [part for part in parts if part]
    return Told(" ".join(told)) if len(told) == len(parts) else Told(text, MOTHER)


def retell_all(texts: Iterable[str], words: Words, *sections: str) -> list[Told]:
    """Say texts in a language, each as :func:`retell` does."""
    return [retell(text, words, *sections) for text in texts]


def _tell_clauses(text: str, words: Words, sections: tuple[str, ...]) -> str:
    """Say one sentence, whole or clause by clause; empty if a clause is unknown."""
    if whole := _tell_sentence(text, words, sections):
        return whole
    clauses = [_tell_sentence(clause, words, sections) for clause in text.split("; ")]
    return "" if not all(clauses) else "; ".join(clauses)


def _tell_sentence(text: str, words: Words, sections: tuple[str, ...]) -> str:
    """Say a sentence with the large letter and the period that it has; empty if it is unknown."""
    for section in sections:
        found = find_sentence(text, section)
        if found is None or found.key in words.untranslated:
            continue
        values = {
            name: _write_value(name, value, words, sections) for name, value in found.places.items()
        }
        said = words.say(found.key, **values)
        large = text.strip()[:1].isupper()
        return (said[:1].upper() + said[1:] if large else said) + (
            "." * text.rstrip().endswith(".")
        )
    return ""


def _write_value(name: str, value: str, words: Words, sections: tuple[str, ...]) -> str:
    """Write what stands in a place in the language."""
    if name.endswith(_NUMBERS):
        return write_number(value, words)
    if name.endswith("_date"):
        return words.date(dt.datetime.strptime(value, "%B %d, %Y").date())  # noqa: DTZ007  a day
    said = _tell_clauses(value, words, sections) if name.endswith("_text") else ""
    return said or name_term(value, words)


def write_number(text: str, words: Words) -> str:
    """Write an English number with the signs of a language: ``1,234.5``, ``71%``, ``$0.52``."""
    digits = text.strip("-+$%\N{MINUS SIGN}").replace(",", "")
    decimals = len(digits.partition(".")[2])
    if text.endswith("%"):
        written = words.share(float(digits) / 100, decimals)
    elif "$" in text:
        written = words.price(float(digits)) if decimals else words.money(float(digits))
    else:
        pattern = "#,##0." + "0" * decimals if decimals else "#,##0"
        written = format_decimal(float(digits), pattern, locale=words.locale)
    sign = text[0] if text[0] in "+-\N{MINUS SIGN}" else ""
    return sign.replace("-", "\N{MINUS SIGN}") + written


@cache
def _list_patterns(section: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return the sentences of a section with their patterns, those with most own words first."""
    texts = {
        key: str(text)
        for key, text in read_words(MOTHER).texts.items()
        if key.startswith(f"{_SECTION}.{section}.")
    }
    own = {key: len(re.sub(r"\{\w+\}", "", text)) for key, text in texts.items()}
    return tuple(
        (key, _compile_pattern(texts[key])) for key in sorted(texts, key=lambda key: -own[key])
    )


def _compile_pattern(text: str) -> re.Pattern[str]:
    """Turn a text with places into a pattern; a place that comes twice must hold the same."""
    parts, seen = re.split(r"\{(\w+)\}", text.removesuffix(".")), set[str]()
    pattern = ""
    for number, part in enumerate(parts):
        if number % 2 == 0:
            pattern += re.escape(part)
            continue
        pattern += f"(?P={part})" if part in seen else f"(?P<{part}>{_find_kind(part)})"
        seen.add(part)
    return re.compile(pattern)


def _find_kind(place: str) -> str:
    """Return the pattern of what can stand in a place."""
    kinds = {**dict.fromkeys(_NUMBERS, _NUMBER), "_date": _DATE, "_text": _TEXT}
    return next((kind for end, kind in kinds.items() if place.endswith(end)), "[^;]+?")


@cache
def _list_terms() -> dict[str, str]:
    """Return the key of each word that can stand in a place: a term, or an event of a season."""
    return {
        str(text): key
        for key, text in read_words(MOTHER).texts.items()
        if key.startswith((f"{TERMS}.", "event."))
    }
