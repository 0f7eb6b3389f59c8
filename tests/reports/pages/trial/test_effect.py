"""Test results: sentences, chart and page say no more than the range."""

import json
import re

import pytest

from outreach.catalog import read_words
from outreach.reports.charts.estimates import draw_estimates, list_ticks
from outreach.reports.pages.trial.effect import write_effect_pages
from outreach.reports.text.result_checks import (
    describe_spill,
    describe_splits,
    describe_trimmed,
)
from outreach.reports.text.result_parts import PlaceboSplits, Span, SpillOver, TrimmedMatch
from outreach.reports.text.test_result import Readout, describe_effect
from tests.reports.town import Tags, make_readout


@pytest.mark.parametrize(
    ("low", "sentence"),
    [(-0.003, "cannot be distinguished from zero"), (0.003, "the ads raised the rate")],
)
def test_a_result_claims_no_more_than_its_range_and_fits_in_one_file(
    low: float, sentence: str
) -> None:
    readout = make_readout(low)
    assert sentence in describe_effect(readout, read_words("en"))
    assert ("raised" in readout.verdict()) == (low > 0)
    ((_, page),) = write_effect_pages(readout)
    assert Tags(page).text.count("<script>") == 2  # title and heading
    assert "<script>" not in page
    assert not any("src" in attrs or "href" in attrs for _, attrs in Tags(page).tags)
    chart = Tags(draw_estimates(readout, read_words("en")).__html__())
    (zero,), (estimate,) = (
        [attrs for _, attrs in chart.tags if attrs.get("class") == name]
        for name in ("tick", "range-end")
    )
    assert (float(str(estimate["x1"])) > float(str(zero["x1"]))) == (low > 0)
    assert float(str(estimate["x1"])) < float(str(estimate["x2"]))


def test_an_axis_writes_its_points_below_zero_with_a_minus_sign() -> None:
    assert list(list_ticks(0.021).values()) == [
        "\N{MINUS SIGN}2",
        "\N{MINUS SIGN}1",
        "0",
        "+1",
        "+2",
    ]


@pytest.mark.parametrize("provisional", [False, True])
def test_the_page_has_a_spanish_twin_that_says_the_same(*, provisional: bool) -> None:
    readout = make_readout(0.003).model_copy(update={"provisional": provisional})
    pages = dict(write_effect_pages(readout, ("en", "es")))
    assert list(pages) == ["effect.html", "effect.es.html"]
    assert 'href="effect.es.html"' in pages["effect.html"]
    english, spanish = (Tags(page).text for page in pages.values())
    for figure in re.findall(r"[\d.,]*\d", english):
        assert figure in spanish
    texts = read_words("en").texts
    sentences = [text for key, text in texts.items() if key.startswith("effect.")]
    plain = {text for text in sentences if isinstance(text, str) and "{" not in text}
    assert {text for text in plain if text in spanish} == set()
    assert ("PROVISIONAL" in spanish) == provisional


def test_a_method_that_spanish_lacks_is_said_whole_in_english_and_marked() -> None:
    readout = make_readout(0.003).model_copy(update={"plan_method": "as the mayor wished"})
    page = dict(write_effect_pages(readout, ("en", "es")))["effect.es.html"]
    assert '<li lang="en">Method, as planned: as the mayor wished.</li>' in page


@pytest.mark.parametrize(
    ("low", "high", "english", "spanish"),
    [
        (0.002, 0.02, "no few places make the result", "no se debe a unos pocos lugares"),
        (0.014, 0.02, "a few places make much of the result", "unos pocos lugares explican"),
        (None, 0.02, "(range no end to +2.00 points)", "intervalo de sin límite a +2"),
    ],
)
def test_trimmed_match_stands_beside_the_estimate_and_says_whether_it_agrees(
    low: float | None, high: float, english: str, spanish: str
) -> None:
    effect = Span(low=low, middle=0.016, high=high)
    trimmed = TrimmedMatch(effect=effect, blocks_count=12, trimmed_count=2, method="as stated")
    readout = make_readout(0.003).model_copy(update={"trimmed": trimmed})
    pages = dict(write_effect_pages(readout, ("en", "es")))
    for language, sentence in (("en", english), ("es", spanish)):
        words = read_words(language)
        assert sentence in describe_trimmed(trimmed, 0.012, words)
        drawn = draw_estimates(readout, words).__html__()
        assert (words.say("effect.trimmed_short") in drawn) == (low is not None)
        assert any(sentence in page and "as stated." in page for page in pages.values())
    table = readout.tabulate().set_index("estimate")
    assert table.loc["trimmed match", "middle_points"] == pytest.approx(1.6)
    assert table["low_points"].isna().sum() == (low is None)


@pytest.mark.parametrize(
    ("found", "english", "spanish"),
    [
        (0.048, "it finds nothing where there is nothing.", "no encuentra nada donde no hay nada."),
        (0.091, "do not trust the range of the estimate.", "no confíe en el intervalo"),
    ],
)
def test_placebo_arms_stand_on_page_chart_and_table_with_rate_and_range(
    found: float, english: str, spanish: str
) -> None:
    splits = PlaceboSplits(
        effect=Span(low=-0.0021, middle=0.0001, high=0.0022),
        found_share=found,
        is_sound=found < 0.08,
        splits_count=1000,
        units_count=266,
        method="as stated",
    )
    readout = make_readout(0.003).model_copy(update={"splits": splits})
    pages = write_effect_pages(readout, ("en", "es"))
    for (language, verdict), (_, page) in zip(
        (("en", english), ("es", spanish)), pages, strict=True
    ):
        words = read_words(language)
        sentence = describe_splits(splits, words)
        for part in (verdict, "266", "1,000", words.share(found), "0.21", "0.22"):
            assert part in sentence
        assert sentence in page
        assert "Placebo arms: as stated." in page
        assert words.say("effect.splits_short") in draw_estimates(readout, words).__html__()
    row = readout.tabulate().set_index("estimate").loc["placebo arms"]
    assert (row["low_points"], row["middle_points"], row["high_points"]) == (-0.21, 0.01, 0.22)
    assert Readout.model_validate_json(readout.canonical_json()) == readout


def test_too_few_held_out_units_for_placebo_arms_are_said_to_be() -> None:
    assert "too few units are held out" in describe_splits(None, read_words("en"))
    assert "muy pocas unidades reservadas" in describe_splits(None, read_words("es"))


@pytest.mark.parametrize(
    ("low", "english", "spanish"),
    [(0.001, "Ads reach beyond", "llegan más allá"), (-0.001, "from zero", "no se distingue")],
)
def test_spill_over_is_told_with_its_range(low: float, english: str, spanish: str) -> None:
    span = Span(low=low, middle=0.005, high=0.01)
    spill = SpillOver(effect=span, p_value=0.04, method="as stated")
    readout = make_readout(0.003).model_copy(update={"spill": spill})
    for language, verdict in (("en", english), ("es", spanish)):
        words = read_words(language)
        (sentence,) = describe_spill(spill, words)
        assert verdict in sentence
        assert words.say("effect.spill_short") in draw_estimates(readout, words).__html__()
    assert readout.tabulate().set_index("estimate").loc["spill-over", "high_points"] == 1.0
    assert describe_spill(None, read_words("en")) == []


def test_too_few_blocks_for_the_check_are_said_to_be() -> None:
    assert "too few blocks" in describe_trimmed(None, 0.012, read_words("en"))
    assert "muy pocos bloques" in describe_trimmed(None, 0.012, read_words("es"))


def test_a_result_of_the_first_version_is_still_read() -> None:
    readout = make_readout(0.003)
    fields = json.loads(readout.canonical_json())
    fields["reading"], fields["drawn_by"] = fields.pop("flight"), fields.pop("design_run_id")
    assert Readout.model_validate_json(json.dumps(fields)) == readout
