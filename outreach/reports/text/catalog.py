"""The words of a report in one language, from a catalogue that translators edit, with numbers and dates as that language writes them.

A language is one file, ``catalogue/<code>.toml``; adding a file adds the language. Numbers, dates
and plurals follow the Unicode CLDR through Babel.
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

#: Characters that steer the direction of text; a name must not steer the sentence around it.
_ISOLATES = re.compile("[\u2066-\u2069]")
_SOON = 0.05


@dataclass(frozen=True, slots=True)
class Words:
    """A language's catalogue and its way to write numbers.

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
    texts: dict[str, str | dict[str, str]]

    def say(self, key: str, **values: object) -> str:
        """Return a text with its ``{places}`` filled in; plain text, to be escaped where it is shown.

        A text with plural forms takes the form for ``values["count"]``; numbers among the values
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
        """Return a name that can stand in a sentence: isolated, so that its writing direction ends with it."""
        return f"\u2068{_ISOLATES.sub('', text)}\u2069"

    def count(self, value: float) -> str:
        """Write a whole number."""
        return self.known(value) or format_decimal(round(value), locale=self.locale)

    def decimal(self, value: float) -> str:
        """Write a number with at most one decimal."""
        return self.known(value) or format_decimal(round(value, 1), locale=self.locale)

    def share(self, value: float, decimals: int = 1) -> str:
        """Write a share (0-1) in per cent."""
        return self.known(value) or format_percent(
            value, self._pattern(decimals), locale=self.locale
        )

    def points(self, value: float, decimals: int = 1) -> str:
        """Write a difference of shares in percentage points, with its sign and unit."""
        return self.known(value) or self.say(
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
        if text := self.known(value):
            return text
        sign = "+" if round(value) > 0 else "\N{MINUS SIGN}" if round(value) < 0 else ""
        return f"{sign}{self.count(abs(value))}"

    def money(self, value: float) -> str:
        """Write US dollars without cents."""
        return self.known(value) or format_currency(
            value, "USD", "¤#,##0", locale=self.locale, currency_digits=False
        )

    def price(self, value: float) -> str:
        """Write US dollars with cents."""
        return format_currency(value, "USD", locale=self.locale)

    def date(self, value: dt.date, width: str = "long") -> str:
        """Write a date; ``width`` is CLDR's (``long``) or a pattern (``MMM``)."""
        return format_date(value, width, locale=self.locale)

    def join(self, parts: list[str]) -> str:
        """Write several things one after the other, with the language's "and"."""
        return format_list(parts, locale=self.locale)

    def chance(self, value: float) -> str:
        """Write a chance no finer than it is known: in steps of 5 %, the ends open."""
        if text := self.known(value):
            return text
        if value < _SOON:
            return self.say("chance.low")
        if value > 1 - _SOON:
            return self.say("chance.high")
        return self.say("chance.about", share=self.share(round(value * 20) / 20, 0))

    def known(self, value: object) -> str:
        """Return the language's "not known" for a missing value, else nothing."""
        return self.say("unit.unknown") if pd.isna(value) else ""  # type: ignore[call-overload]

    def _pattern(self, decimals: int) -> str:
        """Return the locale's per cent pattern with a number of decimals."""
        number = "#,##0." + "0" * decimals if decimals else "#,##0"
        return str(self.locale.percent_formats[None].pattern).replace("#,##0", number)

    @property
    def direction(self) -> str:
        """``ltr`` or ``rtl``."""
        return str(self.locale.text_direction)


def list_languages() -> list[str]:
    """Return the codes of the languages that have a catalogue."""
    folder = resources.files("outreach.reports") / "catalogue"
    return sorted(
        entry.name.removesuffix(".toml")
        for entry in folder.iterdir()
        if entry.name.endswith(".toml")
    )


@cache
def read_words(code: str) -> Words:
    """Read the catalogue of a language.

    Raises
    ------
    DataError
        There is no such catalogue, or it is not TOML, or lacks a text or a place that English has.
    """
    if code not in list_languages():
        raise DataError(
            f"Reports do not speak '{code}'.",
            f"They speak {', '.join(list_languages())}; a new catalogue file adds more.",
        )
    mother = _read_texts("en")
    texts = mother if code == "en" else _read_texts(code)
    for key, text in mother.items():
        if key not in texts:
            raise DataError(
                f"The catalogue {code}.toml has no text '{key}'.", "Translate it from en.toml."
            )
        if _find_places(texts[key]) != _find_places(text):
            raise DataError(
                f"The text '{key}' of {code}.toml has the places {_find_places(texts[key])}, in English {_find_places(text)}.",
                "Write the same words in braces.",
            )
    try:
        locale = Locale.parse(str(texts["language.locale"]))
    except (UnknownLocaleError, ValueError):
        pass
    else:
        return Words(code, locale, texts)
    raise DataError(
        f"The catalogue {code}.toml names a locale that is not known: {texts['language.locale']}.",
        "Name one of CLDR, such as es_US.",
    )


def _read_texts(code: str) -> dict[str, str | dict[str, str]]:
    """Read one file into dotted keys."""
    content = (resources.files("outreach.reports") / "catalogue" / f"{code}.toml").read_text(
        encoding="utf-8"
    )
    try:
        return dict(_flatten(tomllib.loads(content)))
    except tomllib.TOMLDecodeError as error:
        raise DataError(
            f"The catalogue {code}.toml is not TOML: {error}.", "Mend that line."
        ) from None


def _flatten(table: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    """Spell nested tables as dotted keys; a table with an ``other`` is one text in its plural forms."""
    pairs: list[tuple[str, Any]] = []
    for key, value in table.items():
        nested = isinstance(value, dict) and "other" not in value
        pairs += _flatten(value, f"{prefix}{key}.") if nested else [(f"{prefix}{key}", value)]
    return pairs


def _find_places(text: str | dict[str, str]) -> list[str]:
    """Name the places of a text; of plural forms those of ``other``."""
    whole = text["other"] if isinstance(text, dict) else text
    return sorted(set(re.findall(r"\{(\w+)\}", whole)))
