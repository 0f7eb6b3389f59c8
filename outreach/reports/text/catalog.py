"""Read the words of a report in one language and write its numbers.

A language is one file, ``catalog/<code>.toml``, which translators edit; adding a file adds the
language. Numbers, dates and plurals follow the Unicode CLDR through Babel.
"""

import datetime as dt
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import pandas as pd
from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal, format_percent

from outreach.errors import DataError
from outreach.phrasing import strip_overrides

#: A text, or its plural forms.
Text = str | dict[str, str]
#: Dotted key to text.
Texts = dict[str, Text]

#: Characters that change the direction of text; a name must not change the sentence around it.
_ISOLATES = re.compile("[\u2066-\u2069]")
#: Chances closer to 0 or 1 than this are written without a figure.
_EXTREME = 0.05


@dataclass(frozen=True, slots=True)
class Words:
    """A language's catalog and its way of writing numbers.

    Parameters
    ----------
    code
        The file's name, such as ``es``; it is the page's ``lang``.
    locale
        CLDR locale for numbers and dates, such as ``es_US``.
    texts
        Dotted key to text, or to a form of it for each plural.
    """

    code: str
    locale: Locale
    texts: Texts

    def say(self, key: str, **values: object) -> str:
        """Return a text with its ``{places}`` filled in, as plain text that is not yet escaped.

        A text with plural forms takes the form for ``values["count"]``. Numbers among the values
        are written as whole numbers.
        """
        text = self.texts[key]
        if isinstance(text, dict):
            form = self.locale.plural_form(round(values["count"]))  # type: ignore[call-overload]
            text = text.get(form, text["other"])
        written = {
            name: self.count(value) if isinstance(value, int | float) else value
            for name, value in values.items()
        }
        return text.format(**written)

    def name(self, text: str) -> str:
        """Return a name for a sentence, isolated so that its writing direction ends with it."""
        return f"\u2068{_ISOLATES.sub('', strip_overrides(text))}\u2069"

    def count(self, value: float) -> str:
        """Write a whole number."""
        return self.unknown(value) or format_decimal(round(value), locale=self.locale)

    def decimal(self, value: float) -> str:
        """Write a number with at most one decimal."""
        return self.unknown(value) or format_decimal(round(value, 1), locale=self.locale)

    def share(self, value: float, decimals: int = 1) -> str:
        """Write a share (0-1) as a percentage."""
        return self.unknown(value) or format_percent(
            value, self._pattern(decimals), locale=self.locale
        )

    def points(self, value: float, decimals: int = 1) -> str:
        """Write a difference of shares in percentage points, with its sign and unit."""
        return self.unknown(value) or self.say(
            "unit.points", figure=self.bare_points(value, decimals)
        )

    def bare_points(self, value: float, decimals: int = 1) -> str:
        """Write a difference of shares in percentage points, with its sign."""
        steps = round(value * 100 * 10**decimals)
        sign = "+" if steps > 0 else "\N{MINUS SIGN}" if steps < 0 else ""
        return sign + format_decimal(
            abs(steps) / 10**decimals, "#,##0." + "0" * decimals, locale=self.locale
        )

    def change(self, value: float) -> str:
        """Write a difference of counts, with its sign."""
        if text := self.unknown(value):
            return text
        sign = "+" if round(value) > 0 else "\N{MINUS SIGN}" if round(value) < 0 else ""
        return f"{sign}{self.count(abs(value))}"

    def money(self, value: float) -> str:
        """Write US dollars without cents."""
        return self.unknown(value) or format_currency(
            value, "USD", "¤#,##0", locale=self.locale, currency_digits=False
        )

    def price(self, value: float) -> str:
        """Write US dollars with cents."""
        return format_currency(value, "USD", locale=self.locale)

    def date(self, value: dt.date, width: str = "long") -> str:
        """Write a date; ``width`` is CLDR's (``long``) or a pattern (``MMM``)."""
        return format_date(value, width, locale=self.locale)

    def join(self, parts: list[str]) -> str:
        """Write a list, with the language's "and"."""
        return format_list(parts, locale=self.locale)

    def chance(self, value: float) -> str:
        """Write a chance in steps of 5%, the ends open: no finer than it can be estimated."""
        if text := self.unknown(value):
            return text
        if value < _EXTREME:
            return self.say("chance.low")
        if value > 1 - _EXTREME:
            return self.say("chance.high")
        return self.say("chance.about", share=self.share(round(value * 20) / 20, 0))

    def unknown(self, value: object) -> str:
        """Return the language's word for a missing value; empty for any other value."""
        return self.say("unit.unknown") if pd.isna(value) else ""  # type: ignore[call-overload]

    def _pattern(self, decimals: int) -> str:
        """Return the locale's percent pattern with a number of decimals."""
        number = "#,##0." + "0" * decimals if decimals else "#,##0"
        return str(self.locale.percent_formats[None].pattern).replace("#,##0", number)

    @property
    def direction(self) -> str:
        """``ltr`` or ``rtl``."""
        return str(self.locale.text_direction)


def list_languages() -> list[str]:
    """Return the codes of the languages that have a catalog."""
    folder = resources.files("outreach.reports") / "catalog"
    return sorted(
        entry.name.removesuffix(".toml")
        for entry in folder.iterdir()
        if entry.name.endswith(".toml")
    )


@cache
def read_words(code: str) -> Words:
    """Read the catalog of a language.

    Raises
    ------
    DataError
        There is no such catalog, it is not TOML, or it lacks a text or a place that English has.
    """
    if code not in list_languages():
        raise DataError(
            f"There are no reports in the language '{code}'.",
            f"Choose from {', '.join(list_languages())}, or add a catalog file.",
        )
    english = _read_texts("en")
    texts = english if code == "en" else _read_texts(code)
    for key, text in english.items():
        _check_text(key, texts, text, code)
    return Words(code, _parse_locale(str(texts["language.locale"]), code), texts)


def _check_text(key: str, texts: Texts, english: Text, code: str) -> None:
    """Refuse a catalog without a text, or with other places than the English text has."""
    if key not in texts:
        raise DataError(
            f"The catalog {code}.toml has no text '{key}'.", "Translate it from en.toml."
        )
    places, expected = _find_places(texts[key]), _find_places(english)
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


def _read_texts(code: str) -> Texts:
    """Read one file into dotted keys."""
    file = resources.files("outreach.reports") / "catalog" / f"{code}.toml"
    try:
        return dict(_flatten(tomllib.loads(file.read_text(encoding="utf-8"))))
    except tomllib.TOMLDecodeError as error:
        raise DataError(
            f"The catalog {code}.toml is not TOML: {error}.", "Fix that line."
        ) from error


def _flatten(table: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    """Turn nested tables into dotted keys; a table with an ``other`` is one text with plurals."""
    pairs: list[tuple[str, Any]] = []
    for key, value in table.items():
        nested = isinstance(value, dict) and "other" not in value
        pairs += _flatten(value, f"{prefix}{key}.") if nested else [(f"{prefix}{key}", value)]
    return pairs


def _find_places(text: Text) -> list[str]:
    """Return the places of a text; of plural forms those of ``other``."""
    whole = text["other"] if isinstance(text, dict) else text
    return sorted(set(re.findall(r"\{(\w+)\}", whole)))
