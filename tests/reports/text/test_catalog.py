"""The catalogs: every language says all that English says, and writes numbers its own way."""

import datetime as dt
import math

import pytest
from babel import Locale

from outreach.errors import DataError
from outreach.reports.text.catalog import Words, list_languages, read_words


def test_english_and_spanish_are_complete() -> None:
    assert {"en", "es"} <= set(list_languages())
    mother = set(read_words("en").texts)
    for code in list_languages():
        assert set(read_words(code).texts) == mother


def test_every_text_is_translated_to_spanish() -> None:
    english, spanish = read_words("en").texts, read_words("es").texts
    same = {key for key, text in english.items() if text == spanish[key]}
    assert same <= {"method.split_unit_other"}


def test_an_unknown_language_is_refused_with_a_list_of_languages() -> None:
    with pytest.raises(DataError, match="en, es"):
        read_words("tlh")


def test_numbers_dates_and_plurals_follow_the_language() -> None:
    german = Words("de", Locale.parse("de_DE"), read_words("en").texts)
    assert german.share(0.6184) == "61,8\N{NO-BREAK SPACE}%"
    assert german.count(1234567.4) == "1.234.567"
    assert read_words("es").date(dt.date(2020, 5, 1)) == "1 de mayo de 2020"
    assert read_words("es").say("unit.households", count=1) == "1 hogar"
    assert read_words("en").say("unit.households", count=2000) == "2,000 households"


def test_missing_figures_are_unknown() -> None:
    words = read_words("en")
    writers = (words.count, words.share, words.points, words.money, words.chance, words.decimal)
    assert {write(math.nan) for write in writers} == {"unknown"}


def test_signs_and_chances_are_rounded_honestly() -> None:
    words = read_words("en")
    assert words.points(0.0123) == "+1.2 points"
    assert words.points(-0.0123) == "\N{MINUS SIGN}1.2 points"
    assert words.points(-0.0001) == "0.0 points"
    assert words.chance(0.004) == "less than 1 in 20"
    assert words.chance(0.37) == "about 35%"
    assert words.chance(0.99) == "more than 19 in 20"


def test_a_name_cannot_change_the_direction_of_its_sentence() -> None:
    assert read_words("en").name("\u202eabc\u2069def") == "\u2068abcdef\u2069"
