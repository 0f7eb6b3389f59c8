"""The popup advises a next step and lists similar tracts."""

import numpy as np
import pandas as pd
import pytest

from maps.run.popup import ALIKE, choose_next_step, encode_alike


@pytest.mark.parametrize(
    ("tract", "words"),
    [
        ({"status": "water"}, "nothing to do"),
        ({"status": "rateless"}, "local office"),
        ({"arm": "treat"}, "Run the ads"),
        ({"arm": "treat", "cumulative_share": 0.9}, "Run the ads"),
        ({"arm": "holdout"}, "comparison group"),
        ({"arm": "buffer"}, "separates the comparison group"),
        ({"cumulative_share": 0.75}, "goal is reached"),
        ({"digital_reach_score": 0.5}, "visits, phone calls and mail"),
        ({"limited_english_share": 0.3}, "who speak their language"),
        ({"limited_english_share": np.nan, "digital_reach_score": np.nan}, "next in line"),
    ],
)
def test_the_first_matching_rule_wins(tract: dict[str, object], words: str) -> None:
    usual = {
        "status": "rated",
        "arm": None,
        "cumulative_share": 0.6,
        "digital_reach_score": 0.9,
        "limited_english_share": 0.05,
    }
    assert words in choose_next_step(pd.DataFrame([usual | tract]), 0.75).iloc[0]


def test_a_run_without_digital_and_language_columns_still_advises() -> None:
    rows = pd.DataFrame([{"status": "rated", "arm": None, "cumulative_share": 0.6}])
    assert "next in line" in choose_next_step(rows, 0.75).iloc[0]


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
