"""What to do next, in words."""

import numpy as np
import pandas as pd
import pytest

from maps.popup import choose_next_step


@pytest.mark.parametrize(
    ("tract", "words"),
    [
        ({"status": "water"}, "nothing to do"),
        ({"status": "rateless"}, "local office"),
        ({"arm": "treat"}, "Run the ads"),
        ({"arm": "treat", "cumulative_share": 0.9}, "Run the ads"),
        ({"arm": "holdout"}, "comparison group"),
        ({"arm": "buffer"}, "keeps the comparison group apart"),
        ({"cumulative_share": 0.75}, "goal is reached"),
        ({"digital_reach_score": 0.5}, "visits, phone calls and mail"),
        ({"limited_english_share": 0.3}, "who speak their language"),
        ({"limited_english_share": np.nan, "digital_reach_score": np.nan}, "next in line"),
    ],
)
def test_the_first_rule_that_fits_is_said(tract: dict[str, object], words: str) -> None:
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
