"""Say in a language the sentences that a run keeps in English.

Reasons, notes, and methods are written once, in English, into tables and records that programs
read. The section ``sentence`` of the English catalog holds each with places for what changes. A
sentence that fits one is said by the other languages' text of the same key; any other stays English
and is marked so.

A place is named for what stands in it:

- ``_count``, ``_share``, ``_points``, ``_usd``, ``_figure`` end the name of a number;
- ``_counted`` of a number with its noun, such as ``3 tracts``, with the nouns of ``unit`` and
  ``sentence.noun``;
- ``_date`` of a date;
- ``_names`` of names, and words of ``sentence.term``, between commas and the last "and";
- ``_list`` of words or sentences of the catalog between commas, and ``_reason`` of sentences of it:
  where one is unknown, the whole text is;
- ``_text`` of a sentence of the same sections or any other text;
- ``kind`` is a kind of district, and any other name stands for a word of ``sentence.term``, an
  event, or a name.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

from babel.numbers import format_decimal

from outreach.catalog.read import MOTHER, read_words
from outreach.catalog.words import Words

_SECTION = "sentence"
#: The words that can stand in a place.
TERMS = f"{_SECTION}.term"
#: The sections with the sentences of a run's summary and notes.
NOTES = ("summary", "note", "effect")
_NUMBER = r"[-+\N{MINUS SIGN}]?\$?\d[\d,]*(?:\.\d+)?%?"
_DATE = r"[A-Z][a-z]+ \d{1,2}, \d{4}"
_TEXT = ".+?"
_COUNTED = r"\d[\d,]* [a-z][a-z -]*?"
_KIND = "[A-Z][^;:]*?"
_AND = re.compile(r", and |, | and ")
#: Where the nouns of ``_counted`` stand.
_NOUNS = ("unit.", f"{_SECTION}.noun.")
_NUMBERS = ("_count", "_share", "_points", "_usd", "_figure")
#: The end of a sentence, before the next one.
_END = re.compile(r"(?<=[.!?]) (?=[A-Z$\d])")


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
    key = find_term(word) or find_term(word[:1].lower() + word[1:])
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
    told = _tell(text, words, sections)
    return Told(told) if told else Told(text, MOTHER)


def retell_all(texts: Iterable[str], words: Words, *sections: str) -> list[Told]:
    """Say texts in a language, each as :func:`retell` does."""
    return [retell(text, words, *sections) for text in texts]


def retell_within(
    key: str, words: Words, section: str, texts: dict[str, str], **values: object
) -> Told:
    """Say a sentence of the catalog around texts that a run keeps in English.

    Parameters
    ----------
    key
        The sentence's key in the catalogs.
    words, section
        As for :func:`retell`.
    texts
        What a run keeps, by the name of its place in the sentence.
    values
        What stands in the sentence's other places.

    Returns
    -------
    Told
        English as a whole if the language lacks a text, never half of each.
    """
    parts = {name: retell(text, words, section) for name, text in texts.items()}
    if any(part.lang for part in parts.values()):
        return Told(read_words(MOTHER).say(key, **texts, **values), MOTHER)
    return Told(words.say(key, **{name: part.text for name, part in parts.items()}, **values))


def tell_plainly(*sentences: str) -> list[Told]:
    """Return sentences that are in the page's language already, among those that may not be."""
    return [Told(sentence) for sentence in sentences]


def _tell(text: str, words: Words, sections: tuple[str, ...]) -> str:
    """Say a text, whole or sentence by sentence; empty if a part of it is unknown."""
    if whole := _tell_sentence(text, words, sections):
        return whole
    told = [_tell_clauses(part, words, sections) for part in _END.split(text)]
    return " ".join(told) if all(told) else ""


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
        if not all(values.values()):
            continue
        said = words.say(found.key, **values)
        if text.strip()[:1].isupper():
            said = said[:1].upper() + said[1:]
        return said.removesuffix(".") + "." * text.rstrip().endswith(".")
    return ""


def _write_value(name: str, value: str, words: Words, sections: tuple[str, ...]) -> str:
    """Write what stands in a place in the language; empty if it must be known and is not."""
    for end, write in _WRITERS.items():
        if name.endswith(end):
            return write(value, words, sections)
    return name_term(value, words)


def _write_text(text: str, words: Words, sections: tuple[str, ...]) -> str:
    """Say any text: a sentence that is known, or the text as it is."""
    return _tell_clauses(text, words, sections) or name_term(text, words)


def _write_list(text: str, words: Words, sections: tuple[str, ...]) -> str:
    """Say the parts between commas; empty if one of them is unknown."""
    parts = [_tell_part(part, words, sections) for part in text.split(", ")]
    return ", ".join(parts) if all(parts) else ""


def _write_date(text: str, words: Words) -> str:
    """Write an English date as the language does."""
    return words.date(dt.datetime.strptime(text, "%B %d, %Y").date())  # noqa: DTZ007  a day


def _tell_part(text: str, words: Words, sections: tuple[str, ...]) -> str:
    """Say a part of a list, a sentence or a term; empty if it is unknown."""
    key = find_term(text)
    return words.say(key) if key else _tell_sentence(text, words, sections)


def _write_counted(text: str, words: Words) -> str:
    """Write a number with its noun; empty if no catalog has the noun."""
    number, _, noun = text.partition(" ")
    key = _list_nouns().get(noun)
    return words.say(key, count=int(number.replace(",", ""))) if key else ""


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


#: How what stands in a place is written, by the end of the place's name.
_WRITERS: dict[str, Callable[[str, Words, tuple[str, ...]], str]] = {
    **dict.fromkeys(_NUMBERS, lambda text, words, _: write_number(text, words)),
    "kind": lambda text, words, _: words.kind(text),
    "_counted": lambda text, words, _: _write_counted(text, words),
    "_date": lambda text, words, _: _write_date(text, words),
    "_list": _write_list,
    "_names": lambda text, words, _: words.join(
        [name_term(part, words) for part in _AND.split(text)]
    ),
    "_reason": _tell,
    "_text": _write_text,
}


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
    kinds = {
        **dict.fromkeys(_NUMBERS, _NUMBER),
        **dict.fromkeys(("_text", "_reason"), _TEXT),
        "kind": _KIND,
        "_date": _DATE,
        "_counted": _COUNTED,
    }
    return next((kind for end, kind in kinds.items() if place.endswith(end)), "[^;]+?")


@cache
def _list_terms() -> dict[str, str]:
    """Return the key of each word that can stand in a place: a term, or an event of a season."""
    return {
        str(text): key
        for key, text in read_words(MOTHER).texts.items()
        if key.startswith((f"{TERMS}.", "event."))
    }


@cache
def _list_nouns() -> dict[str, str]:
    """Return the key of each noun that stands after a number, one or many."""
    return {
        form.removeprefix("{count} "): key
        for key, text in read_words(MOTHER).texts.items()
        if key.startswith(_NOUNS) and isinstance(text, dict)
        for form in text.values()
    }
