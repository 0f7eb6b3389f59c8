"""Say a text in one language, and write its numbers and dates.

Numbers, dates and plurals follow the Unicode CLDR through Babel.
"""

import datetime as dt
from dataclasses import dataclass, field, replace

import pandas as pd
from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal, format_percent

from outreach.files import make_slug
from outreach.phrasing import strip_isolates, strip_overrides

#: A text, or its plural forms.
Text = str | dict[str, str]
#: Dotted key to text.
Texts = dict[str, Text]

#: Characters that change the direction of text; a name must not change the sentence around it.
#: Chances closer to 0 or 1 than this are written without a figure.
_EXTREME = 0.05
#: The smallest share that a percentage of one decimal can write.
_LEAST_PART = 0.001
#: The section of the texts that a plan has in place of others.
_PLAN = "planning."


def _fill_years(text: Text, years: dict[str, str]) -> Text:
    """Write the years of a plan into a text, or into each of its plural forms."""
    if isinstance(text, dict):
        return {form: str(_fill_years(part, years)) for form, part in text.items()}
    for place, year in years.items():
        text = text.replace(place, year)
    return text


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
    untranslated
        Keys whose text is the English one, because the language's file lacks them.
    """

    code: str
    locale: Locale
    texts: Texts = field(repr=False)
    untranslated: tuple[str, ...] = ()

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

    def plan(self, coming: int, last: int) -> "Words":
        """Return the catalog with the texts of a plan for a census that has not begun.

        Each text of the section ``planning`` stands in for the text of the same key without it. Its
        places ``{coming}`` and ``{last}`` are the years of the census that is planned for and of
        the one before.
        """
        years = {"{coming}": str(coming), "{last}": str(last)}
        planned = {
            key.removeprefix(_PLAN): _fill_years(text, years)
            for key, text in self.texts.items()
            if key.startswith(_PLAN)
        }
        return replace(self, texts={**self.texts, **planned})

    def find(self, key: str, default: str) -> str:
        """Return a text without places, or the default where no catalog has it."""
        return str(self.texts.get(key, default))

    def kind(self, name: str) -> str:
        """Return a kind of district, such as ``Ward``, in the language; others stay as they are."""
        kind = self.find(f"kind.{make_slug(name)}", name)
        return name if kind.casefold() == name.casefold() else kind

    def site_kind(self, name: str) -> str:
        """Return a kind of place, such as ``Library``, in the language; others stay as they are."""
        return self.find(f"site_kind.{make_slug(name)}", name)

    def channel(self, name: str) -> str:
        """Return what people call a channel, such as ``google``; others stay as they are."""
        return self.find(f"channel_name.{make_slug(name)}", name)

    def source(self, census_year: int) -> str:
        """Say who published the rates of a census."""
        return self.say("source.rates", year=str(census_year))

    def pick(self, *sections: str) -> Texts:
        """Return the texts of sections for a page's script, each without its section's name."""
        return {
            key.removeprefix(f"{section}."): text
            for section in sections
            for key, text in self.texts.items()
            if key.startswith(f"{section}.")
        }

    def name(self, text: str) -> str:
        """Return a name for a sentence, isolated so that its writing direction ends with it."""
        return f"\u2068{strip_isolates(strip_overrides(text))}\u2069"

    def count(self, value: float) -> str:
        """Write a whole number."""
        return self.unknown(value) or format_decimal(round(value), locale=self.locale)

    def decimal(self, value: float) -> str:
        """Write a number with at most one decimal."""
        return self.unknown(value) or format_decimal(round(value, 1), locale=self.locale)

    def number(self, value: float, decimals: int) -> str:
        """Write a number with a fixed number of decimals."""
        pattern = "#,##0." + "0" * decimals if decimals else "#,##0"
        return format_decimal(round(value, decimals), pattern, locale=self.locale)

    def share(self, value: float, decimals: int = 1) -> str:
        """Write a share (0-1) as a percentage."""
        return self.unknown(value) or format_percent(
            value, self._pattern(decimals), locale=self.locale
        )

    def part(self, value: float) -> str:
        """Write a share (0-1) as a percentage, and one that is not 0 never as 0."""
        if 0 < value < _LEAST_PART / 2:
            return self.say("unit.below", figure=self.share(_LEAST_PART))
        return self.share(value)

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

    def moment(self, text: str) -> str:
        """Write a year as it is, or a day of ISO text in the words of the language."""
        return self.date(dt.date.fromisoformat(text), "medium") if "-" in text else text

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
    def tag(self) -> str:
        """The locale as browsers write it, such as ``es-US``."""
        return str(self.locale).replace("_", "-")

    @property
    def direction(self) -> str:
        """``ltr`` or ``rtl``."""
        return str(self.locale.text_direction)
