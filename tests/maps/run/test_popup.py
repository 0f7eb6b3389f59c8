"""The popup advises a next step and lists similar tracts."""

import numpy as np
import pandas as pd
import pytest

from maps.run.popup import ALIKE, LINES, NextStep, choose_next_step, encode_alike
from outreach.catalog import Words, read_all


@pytest.mark.parametrize(
    ("tract", "step"),
    [
        ({"status": "water"}, NextStep.WATER),
        ({"status": "rateless"}, NextStep.RATELESS),
        ({"arm": "treat"}, NextStep.TREAT),
        ({"arm": "treat", "cumulative_share": 0.9}, NextStep.TREAT),
        ({"arm": "holdout"}, NextStep.HOLDOUT),
        ({"arm": "buffer"}, NextStep.BUFFER),
        ({"cumulative_share": 0.75}, NextStep.GOAL),
        ({"digital_reach_score": 0.5}, NextStep.OFFLINE),
        ({"priority": np.nan}, NextStep.UNPRICED),
        ({"priority": 0.0}, NextStep.WAITING),
        ({"limited_english_share": 0.3}, NextStep.LANGUAGE),
        ({"limited_english_share": np.nan, "digital_reach_score": np.nan}, NextStep.WAITING),
    ],
)
def test_the_first_matching_rule_wins(tract: dict[str, object], step: NextStep) -> None:
    usual = {
        "status": "rated",
        "arm": None,
        "cumulative_share": 0.6,
        "digital_reach_score": 0.9,
        "limited_english_share": 0.05,
    }
    assert choose_next_step(pd.DataFrame([usual | tract]), 0.75).iloc[0] == step


def test_a_run_without_digital_and_language_columns_still_advises() -> None:
    rows = pd.DataFrame([{"status": "rated", "arm": None, "cumulative_share": 0.6}])
    assert choose_next_step(rows, 0.75).iloc[0] == NextStep.WAITING


@pytest.mark.parametrize("words", read_all(), ids=lambda words: words.code)
def test_every_language_says_every_line_filter_and_step(words: Words) -> None:
    keys = {f"map.step.{step}" for step in NextStep} | {f"map.fact.{line.column}" for line in LINES}
    assert keys <= set(words.texts) - set(words.untranslated)


def test_similar_tracts_are_positions_on_the_map_in_order() -> None:
    pairs = [
        ("b", "a", 2),
        ("b", "c", 1),
        ("a", "elsewhere", 1),
        ("a", "b", 2),
        ("elsewhere", "a", 1),
        ("c", "b", 9),
    ]
    comparable = pd.DataFrame(pairs, columns=["geoid", "comparable", "order"]).set_index("geoid")
    places = encode_alike(comparable, pd.Index(["a", "b", "c"]))
    assert len(places) == 3 * ALIKE
    assert places[:ALIKE] == [None, 1, None]
    assert places[ALIKE : 2 * ALIKE] == [2, 0, None]
    assert places[2 * ALIKE :] == [None] * ALIKE
