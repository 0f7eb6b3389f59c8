"""Encoded columns and seasons decode to the same figures."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from maps.run.columns import tabulate_history
from maps.run.encode import encode_band, encode_column, encode_history
from maps.run.inputs import MapView


def test_numbers_decode_unchanged() -> None:
    shares = pd.Series([0.684, np.nan, 0.0, 1.0])
    packed = encode_column(shares)
    assert packed["values"][1] is None
    assert [value and value * packed["scale"] for value in packed["values"]] == pytest.approx(
        [0.684, None, 0, 1]
    )
    counts = encode_column(pd.Series([1204.0, 3.0]))
    assert (counts["scale"], counts["values"]) == (1, [1204, 3])
    assert encode_column(pd.Series([1204.53, 3.0])) == {"scale": 0.01, "values": [120453, 300]}


def test_text_is_stored_once() -> None:
    assert encode_column(pd.Series(["treat", None, "treat", "buffer"])) == {
        "levels": ["treat", "buffer"],
        "values": [0, None, 0, 1],
    }


def test_the_season_decodes_from_its_differences(town: MapView) -> None:
    packed = encode_history(town)
    table = tabulate_history(town)
    steps = np.array(packed["values"], dtype=float).reshape(table.shape)
    rates = np.where(np.isnan(steps), np.nan, np.nancumsum(steps, axis=1)) * packed["scale"]
    np.testing.assert_allclose(rates, table.to_numpy(dtype=float), atol=6e-4)
    assert np.isnan(rates[35]).all()
    assert packed["dates"][-1] == "2020-06-12"


def test_a_daily_band_is_kept_once_a_week_up_to_its_last_day(town: MapView) -> None:
    assert town.history is not None
    daily = town.history.assign(start_low80_share=0.4, start_high80_share=0.6)
    packed = encode_band(dataclasses.replace(town, band=daily))
    assert packed is not None
    assert packed["dates"][-1] == "2020-06-12"
    assert set(np.diff(pd.DatetimeIndex(packed["dates"])).astype("timedelta64[D]").astype(int)) == {
        7
    }
    width = len(packed["dates"])
    assert packed["low"][:width] == [400, *[0] * (width - 1)]
    assert packed["high"][-width:] == [None] * width
