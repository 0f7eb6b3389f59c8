"""The catalogs: every language says all that English says, and writes numbers its own way."""

import datetime as dt
import math
import re
from pathlib import Path

import pytest
from babel import Locale

from outreach.catalog import Words, list_languages, name_untranslated, read_all, read_words
from outreach.catalog.read import FOLDER, MOTHER
from outreach.errors import DataError


def add_language(folder: Path, code: str, *lines: str) -> Path:
    """Write a catalog beside a copy of the English one."""
    for name, text in ((MOTHER, (FOLDER / "en.toml").read_text("utf-8")), (code, "\n".join(lines))):
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return folder


def test_english_comes_first_and_every_language_is_complete() -> None:
    assert list_languages()[:2] == ["en", "es"]
    assert [words.untranslated for words in read_all()] == [()] * len(list_languages())


def test_a_language_is_one_file_and_what_it_lacks_is_english_and_named(tmp_path: Path) -> None:
    folder = add_language(tmp_path, "ar", "[language]", 'name = "العربية"', 'locale = "ar"')
    words = read_words("ar", folder)
    assert list_languages(folder) == ["en", "ar"]
    assert (words.direction, words.tag) == ("rtl", "ar")
    assert words.say("page.index") == "All reports"
    assert "page.index" in words.untranslated
    assert "language.name" not in words.untranslated
    sentence = name_untranslated(words)
    assert sentence.startswith("The catalog ar.toml is incomplete: ")
    assert "texts are in English (" in sentence
    assert name_untranslated(read_words("es")) == ""


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("page.inedx = 'x'", "page.inedx"),
        ("page.kicker = 'x'", "places"),
        ("page.kicker = 'x", "not TOML"),
        ("language.locale = 'nowhere'", "unknown locale"),
    ],
)
def test_a_faulty_catalog_is_refused_with_the_place(tmp_path: Path, line: str, fault: str) -> None:
    with pytest.raises(DataError, match=fault):
        read_words("xx", add_language(tmp_path, "xx", line))


def test_a_part_is_never_written_as_none_and_a_channel_has_its_name() -> None:
    words = read_words("en")
    assert [words.part(share) for share in (0.0, 0.0002, 0.0006, 0.2)] == [
        "0.0%", "less than 0.1%", "0.1%", "20.0%"
    ]  # fmt: skip
    assert [words.channel(name) for name in ("google", "Radio 9", "")] == [
        "Google Ads", "Radio 9", ""
    ]  # fmt: skip


def test_kinds_of_district_are_translated_and_others_stay() -> None:
    spanish = read_words("es")
    assert spanish.kind("Ward") == "distrito (ward)"
    assert spanish.kind("Community area") == "área comunitaria"
    assert spanish.kind("Beat") == "Beat"
    assert read_words("en").kind("ward") == "ward"


def test_every_text_is_translated_to_spanish() -> None:
    english, spanish = read_words("en").texts, read_words("es").texts
    same = {
        key
        for key, text in english.items()
        if text == spanish[key] and not key.startswith("channel_name.")  # names of products
    }
    assert same <= {
        "method.split_unit_other",
        "group.plan",
        "layer.rate_2010.short",
        "layer.rate_2020.short",
        "backtest.chart",
        "backtest.key",
        "sentence.note.of_kind",
        "sentence.term.concept_internet",
        "sites.far_tract",
        "sentence.term.title_plan",
    }


def test_spanish_has_one_word_for_one_thing() -> None:
    """Chicago's pages say tracto, lugar, corrida, cierre, and hogares sin responder."""
    strays = re.compile(
        r"\b(secci[oó]n|secciones|tramos?|puesto según|posición|ejecución|plazo|fecha límite)\b"
        r"|hogares (?:\S+ )?(?:que faltan|faltantes)|intervalos? de \{?\d",
        re.IGNORECASE,
    )
    texts = read_words("es").texts
    assert {key: text for key, text in texts.items() if strays.search(str(text))} == {}


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


def test_a_plan_has_words_of_its_own_with_its_years_and_the_rest_stays() -> None:
    for words in read_all():
        plan = words.plan(2030, 2020)
        assert "2030" in plan.say("rate.forecast")
        assert "2020" in plan.say("map.missing.rateless")
        assert plan.say("page.made", date="x", run="y") == words.say("page.made", date="x", run="y")
        texts = [
            plan.texts[key.removeprefix("planning.")] for key in words.texts if "planning." in key
        ]
        assert not [text for text in texts if "{coming}" in str(text) or "{last}" in str(text)]


def test_every_text_of_a_plan_stands_for_one_of_a_season_and_has_no_place_of_its_own() -> None:
    english = read_words("en").texts
    for key, text in english.items():
        if key.startswith("planning."):
            usual = english[key.removeprefix("planning.")]
            places = set(re.findall(r"\{(\w+)\}", str(text))) - {"coming", "last"}
            assert places <= set(re.findall(r"\{(\w+)\}", str(usual))), key
