"""The spread of a season is measured, foreseen, kept in a file, and learned from counties."""

import datetime as dt
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.training.spread_fit import fit_season_spread
from models.trial.season_spread import (
    KINDS,
    load_season_spread,
    measure_log_spread,
    save_season_spread,
)
from outreach.errors import ModelError

START, FINAL = dt.date(2030, 3, 20), dt.date(2030, 7, 1)


def invent(tracts: int, seed: int, spread: float = 0.01) -> pd.DataFrame:
    """Return a county whose tracts scatter by ``spread`` in four weeks, twice as far in May."""
    rng = np.random.default_rng(seed)
    dates = pd.date_range("2030-03-24", FINAL)
    daily = rng.normal(0.001, spread / math.sqrt(28), (tracts, len(dates)))
    daily[:, dates.month == 5] = 0.001 + 2 * (daily[:, dates.month == 5] - 0.001)
    return pd.DataFrame(0.3 + daily.cumsum(axis=1), columns=dates)


def test_the_spread_is_that_around_rate_and_pace() -> None:
    history = invent(4000, 0)
    history.iloc[:, :30] = history.iloc[:, :30] + 0.2 * np.linspace(-1, 1, 4000)[:, None]
    first = dt.date(2030, 6, 1)
    found = measure_log_spread(history, first, first + dt.timedelta(days=28))
    assert found == pytest.approx(math.log(0.01), abs=0.05)


def test_without_units_or_a_past_there_is_no_spread() -> None:
    history = invent(50, 0)
    first = dt.date(2030, 6, 1)
    assert math.isnan(measure_log_spread(history.iloc[:7], first, FINAL))
    assert math.isnan(measure_log_spread(history, START, first))
    assert math.isnan(measure_log_spread(history, first, first))


def test_a_season_is_learned_from_its_counties_and_kept_in_a_file(tmp_path: Path) -> None:
    counties = {f"{17 + number}031": invent(240, number) for number in range(6)}
    fitted = fit_season_spread(counties, name="2030", start=START, final=FINAL)
    may, june = ((dt.date(2030, month, 1), dt.date(2030, month, 29)) for month in (5, 6))
    assert fitted.expect("tract", *may) - fitted.expect("tract", *june) == pytest.approx(
        math.log(2), abs=0.1
    )
    assert fitted.expect("group", *june) == pytest.approx(math.log(0.01 / math.sqrt(15)), abs=0.2)
    assert abs(fitted.persistence["tract"]) < 0.5  # these counties have no departure that lasts
    assert 0 < fitted.expect_miss("tract", *june) < 0.15
    assert math.isnan(fitted.expect("tract", FINAL, FINAL + dt.timedelta(days=28)))

    save_season_spread(fitted, tmp_path / "2030.json")
    read = load_season_spread(tmp_path / "2030.json")
    assert read.move(2040).start == dt.date(2040, 3, 20)
    for kind in KINDS:
        np.testing.assert_allclose(read.log_spread[kind], fitted.log_spread[kind], atol=0.001)
        np.testing.assert_allclose(read.log_miss[kind], fitted.log_miss[kind], atol=0.001)


def test_the_shipped_season_is_calm_in_june_and_rough_in_april_and_august() -> None:
    shipped = load_season_spread()
    april, june, august = (
        shipped.expect(kind, dt.date(2020, month, day), dt.date(2020, month + 1, day))
        for kind in ("group",)
        for month, day in ((4, 10), (6, 20), (8, 11))
    )
    assert april - june > math.log(5)
    assert august - june > math.log(2)
    assert shipped.provenance["tract_counties_count"] > 100


def test_what_holds_no_season_is_refused_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "odd.json"
    with pytest.raises(ModelError, match="cannot be read from"):
        load_season_spread(path)
    path.write_text("{}")
    with pytest.raises(ModelError, match="does not hold the spread of a season"):
        load_season_spread(path)
    path.write_text('{"format": 9}')
    with pytest.raises(ModelError, match="has format 9, not 1"):
        load_season_spread(path)
    with pytest.raises(ModelError, match="1 large counties are too few"):
        fit_season_spread({"17031": invent(240, 0)}, name="x", start=START, final=FINAL)
