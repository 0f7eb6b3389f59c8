"""Make seasons for tests: Cook County's real one, and invented ones with planted truths."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from models.training.fit import SeasonFit, fit_season

Season = tuple[pd.DataFrame, pd.DataFrame]


@pytest.fixture(scope="session", params=["zip", "tract"])
def cook_season(request: pytest.FixtureRequest, real_data: Path) -> Season:
    """Return cumulative shares by unit and date, and housing units carried over from 2010 tracts.

    Units are Chicago's ZIPs or all tracts.
    """
    rates = pd.read_parquet(
        real_data / "responserate" / "state_17.parquet", filters=[("county", "==", "031")]
    )
    rates["geoid"] = rates["GEO_ID"].str[-11:]
    history = (
        rates.pivot_table(index="geoid", columns="RESP_DATE", values="CRRALL").astype(float) / 100
    )
    history.columns = pd.DatetimeIndex(history.columns)
    profile = pd.read_parquet(
        real_data / "predictors" / "cook_planning_database.parquet"
    ).set_index("GEOIDtxt")
    pairs = pd.read_parquet(real_data / "relationship" / "rr_tract_rel.parquet")
    carried = pairs["GEOID10"].map(profile["HousingUnits_TOTAL"]) * pairs["HUCURPCT_T10"] / 100
    homes = carried.groupby(pairs["GEOID20"]).sum().reindex(history.index).fillna(0)
    if request.param == "zip":
        tracts = gpd.read_parquet(real_data / "tracts" / "cook_2020.parquet")
        zips = tracts.set_index(tracts["GEO_ID"].str[-11:])["zip"].reindex(history.index).dropna()
        homes = homes[zips.index]
        history = (
            history.loc[zips.index]
            .mul(homes, axis=0)
            .groupby(zips)
            .sum()
            .div(homes.groupby(zips).sum(), axis=0)
        )
        homes = homes.groupby(zips).sum()
    return history, homes.to_frame("households_count")


START, FINAL = date(2020, 3, 20), date(2020, 10, 16)
#: Published days: most weekends and one April week-end are missing.
DAYS = np.array(
    [
        day
        for day in range(3, 211)
        if day in (7, 9, 14, 30, 45, 60, 87, 95) or day % 7 not in (1, 2) or day == 210
    ]
)


def invent_rates(
    seed: int,
    *,
    states: int = 6,
    counties: int = 3,
    tracts: int = 50,
    lagging: Callable[[np.ndarray], np.ndarray] | None = None,
    late: int = 0,
    shift: float = 0.0,
) -> pd.DataFrame:
    """Invent a season in which households respond one by one, each on a day of its own.

    A tract's final rate and quickness have a state's, a county's and its own part, and the quick
    respond by internet. ``lagging`` picks tracts (by position) whose responses after day 30 halve;
    the first ``late`` tracts are invited on day 70; ``shift`` makes everyone slower.
    """
    rng = np.random.default_rng(seed)
    size, county = states * counties * tracts, np.repeat(np.arange(states * counties), tracts)
    state = county // counties
    common = (
        0.1 * rng.normal(size=states * counties)[county] + 0.05 * rng.normal(size=states)[state]
    )
    quick = 0.15 * rng.normal(size=size) + common - shift
    final = (
        0.65
        + 0.08 * rng.normal(size=size)
        + 0.04 * rng.normal(size=states * counties)[county]
        + 0.3 * quick
    )
    invited = np.where(np.arange(size) < late, 70, 0)
    elapsed = np.maximum(DAYS[None] - invited[:, None], 0)
    done = (
        1 - 0.75 * np.exp(-elapsed / (14 * np.exp(-quick[:, None]))) - 0.25 * np.exp(-elapsed / 60)
    )
    parts = np.diff(done, axis=1, prepend=0.0) * np.clip(final, 0.15, 0.95)[:, None]
    if lagging is not None:
        parts[np.ix_(np.flatnonzero(lagging(np.arange(size))), DAYS > 30)] *= 0.5
    answers = (
        rng.multinomial(1500, np.column_stack([parts, 1 - parts.sum(axis=1)]))[:, :-1].cumsum(
            axis=1
        )
        / 1500
    )
    internet = np.clip(0.75 + 0.5 * quick, 0.3, 0.95)[:, None] * answers
    number = np.tile(np.arange(tracts), states * counties)
    code = [
        f"{s + 1:02d}{c % counties + 1:03d}{100 * t + 100:06d}"
        for s, c, t in zip(state, county, number, strict=True)
    ]
    table = pd.DataFrame(
        {
            "data_date": np.tile(pd.Timestamp(START) + pd.to_timedelta(DAYS, unit="D"), size),
            "cumulative_share": answers.round(3).ravel(),
            "internet_share": internet.round(3).ravel(),
            "daily_share": np.nan,
            "daily_internet_share": np.nan,
        },
        index=pd.Index(np.repeat(code, len(DAYS)), name="geoid"),
    )
    return table.sample(frac=1, random_state=seed)  # the service does not sort either


@pytest.fixture(scope="session")
def invent() -> Callable[..., pd.DataFrame]:
    """Return the maker of invented seasons."""
    return invent_rates


@pytest.fixture(scope="session")
def fitted() -> SeasonFit:
    """Return a season fitted on an invented archive of eight states."""
    return fit_season(
        invent_rates(0, states=8),
        name="invented",
        start=START,
        final=FINAL,
        folds=4,
        members=2,
        hidden=(12,),
        seed=1,
    )
