"""Sentences that runs keep in English are said in the other languages, or marked as English."""

import re
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from babel import Locale

from models.evaluation.rules import make_rules
from models.features.predictors import PREDICTORS
from models.scores.score import Score
from models.targeting.priority import find_scores
from outreach.catalog import read_words
from outreach.catalog.retell import (
    find_sentence,
    find_term,
    name_term,
    retell,
    retell_within,
    write_number,
)
from tests.rtl import read_right_to_left

SPANISH = read_words("es")
SAMPLES = {
    "_count": "1,234",
    "_share": "71%",
    "_points": "4.1",
    "_usd": "$0.52",
    "_figure": "2.5",
    "_date": "May 1, 2020",
    "_counted": "12 tracts",
    "kind": "Ward",
}


def fill(text: str) -> str:
    """Fill the places of a text as a run would."""
    return re.sub(
        r"\{(\w+)\}",
        lambda place: next(
            (sample for end, sample in SAMPLES.items() if place[1].endswith(end)), "renters"
        ),
        text,
    )


def list_texts(*sections: str) -> dict[str, str]:
    return {
        f"sentence.{section}.{key}": str(text)
        for section in sections
        for key, text in read_words("en").pick(f"sentence.{section}").items()
    }


@pytest.mark.parametrize(
    "section",
    [
        "reason",
        "list",
        "backtest",
        "effect",
        "method",
        "label",
        "compare",
        "pooled",
        "summary",
        "note",
        "archive",
        "portal",
    ],
)
def test_each_sentence_is_found_again_with_what_stands_in_it(section: str) -> None:
    for key, text in list_texts(section).items():
        found = find_sentence(fill(text), section)
        assert found is not None, key
        assert found.key == key
        assert text.format(**found.places) == fill(text)


def test_a_reason_is_said_clause_by_clause_with_the_numbers_of_the_language() -> None:
    text = (
        "About 1,234 of 2,000 households have not responded; renters 71% (typical: 40%), Low"
        " Response Score 21.5 (typical: 18.0), which goes with 4.1 points less response."
        " Held out: no ads."
    )
    told = retell(text, SPANISH, "reason", "list")
    assert told.lang == ""
    assert told.text == (
        "Cerca de 1,234 de 2,000 hogares no han respondido; inquilinos: 71% (lo habitual: 40%),"
        " puntaje de baja respuesta (Low Response Score): 21.5 (lo habitual: 18.0), lo que acompaña"
        " a 4.1 puntos menos de respuesta. En el grupo de comparación: sin anuncios."
    )
    assert retell(text, read_words("en"), "reason", "list").text == text


def test_what_no_catalog_has_stays_english_as_a_whole_and_is_marked() -> None:
    text = "About 3 of 4 households have not responded; the mayor said so."
    told = retell(text, SPANISH, "reason")
    assert (told.text, told.lang) == (text, "en")
    assert name_term("Beekeepers", SPANISH) == "Beekeepers"


def test_a_sentence_around_an_unknown_text_is_never_half_english() -> None:
    texts = read_words("en").texts
    known = next(
        str(text)
        for name, text in texts.items()
        if name.startswith("sentence.method.") and "{" not in str(text)
    )
    key = "effect.method.method"
    assert retell_within(key, SPANISH, "method", {"method": known}).lang == ""
    told = retell_within(key, SPANISH, "method", {"method": "as the mayor wished"})
    assert (told.text, told.lang) == ("Method, as planned: as the mayor wished.", "en")


def test_a_language_without_a_sentence_falls_back_to_english_and_says_so(tmp_path: Path) -> None:
    hebrew = read_right_to_left(tmp_path)
    text = "held out: no ads"
    assert retell(text, hebrew, "list").lang == ""
    assert not re.search("[a-z]", retell(text, hebrew, "list").text)
    catalog = tmp_path / "he.toml"
    lines = catalog.read_text("utf-8").splitlines()
    kept = [line for line in lines if not line.startswith("sentence.list.holdout ")]
    (tmp_path / "short").mkdir()
    for name, content in (
        ("he", "\n".join(kept)),
        ("en", (tmp_path / "en.toml").read_text("utf-8")),
    ):
        (tmp_path / "short" / f"{name}.toml").write_text(content, encoding="utf-8")
    incomplete = read_words("he", tmp_path / "short")
    told = retell(text, incomplete, "list")
    assert (told.text, told.lang) == (text, "en")


@pytest.mark.parametrize(
    ("text", "german"),
    [("1,234.5", "1.234,5"), ("71%", "71\N{NO-BREAK SPACE}%"), ("-0.3", "\N{MINUS SIGN}0,3")],
)
def test_numbers_are_written_as_the_language_writes_them(text: str, german: str) -> None:
    words = replace(read_words("en"), code="de", locale=Locale.parse("de_DE"))
    assert write_number(text, words) == german


def test_counted_nouns_lists_and_reasons_are_said_or_the_whole_text_stays_english() -> None:
    text = "The map is without main roads, water: The file server has no file /a.zip (status 404)."
    assert retell(text, SPANISH, "note").text == (
        "Al mapa le faltan vías principales, agua: El servidor de archivos no tiene el archivo"
        " /a.zip (estado 404)."
    )
    assert retell("Repaired the geometry of 1 area: 99001.", SPANISH, "note").text == (
        "Se reparó la geometría de 1 área: 99001."
    )
    for unknown in (
        text.replace("water", "lava"),
        text.replace("The file server", "My file server"),
        "Repaired the geometry of 2 zebras: 99001.",
    ):
        assert retell(unknown, SPANISH, "note").lang == "en"


def test_every_predictor_has_its_word() -> None:
    near = [f"{each.words} in the tracts around" for each in PREDICTORS if each.around]
    words = [each.words for each in PREDICTORS] + near + [each.concept for each in PREDICTORS]
    assert [word for word in words if find_term(word) is None] == []


def test_every_score_that_a_priority_needs_has_its_word() -> None:
    needed: list[Score] = [score for score in find_scores().values() if score.is_required]
    for score in needed:
        assert find_term(score.title.lower()) is not None


def test_every_method_of_a_backtest_is_said_in_spanish() -> None:
    rules = [
        rule
        for year, is_hindsight in product((2020, 2030), (True, False))
        for rule in make_rules(year, season_is_hindsight=is_hindsight)
    ]
    assert {rule.name for rule in rules if retell(rule.method, SPANISH, "backtest").lang} == set()
