"""The figures of a report: tracts added up to districts by households, and where each district stands among the others.

A tract that lies in several districts is split by the weight of the crosswalk; its rate is taken to
be the same in every part.
"""

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd
from scipy.stats import norm

from outreach.errors import NothingThere
from outreach.rates import average_dates, average_groups, measure_change, pivot_rates
from outreach.reports.data.inputs import ReportView

#: Rates and shares that a district takes from its tracts as the mean by households.
SHARES = (
    "cumulative_share", "internet_share", "final_share", "final_low80_share", "final_high80_share", "expected_share", "final_2010_share",
    "low_response_score",
)  # fmt: skip
#: Households of which a share is shown, by what they are.
GROUPS = {
    "spanish": "limited_english_households_spanish_count",
    "indo_european": "limited_english_households_indo_european_count",
    "asian_pacific": "limited_english_households_asian_pacific_count",
    "other_language": "limited_english_households_other_count",
    "offline": "offline_households_count",
}
#: A figure that less than this share of a district's households stands behind is not shown.
LEAST_COVERED = 0.5
#: With less history than this a forecast's interval has been too narrow (Chicago, 2020).
THIN_DAYS = 28
#: Districts compared as equals: so many nearest in expectation, or a third of all where they are
#: few.
PEERS = 10
#: What may tell equals, the first that is there: the expectation, the Bureau's score, the census
#: before.
PEER_BASES = ("expected_share", "low_response_score", "final_2010_share")
_WEEK, _FOUR_WEEKS = 7, 28
#: Standard deviations from the middle of a normal distribution to the ends of its central 80 %.
_REACH80 = float(norm.ppf(0.9))


@dataclass(frozen=True)
class Figures:
    """Districts measured.

    Attributes
    ----------
    table
        Index ``district_id``: ``name``; ``households_count`` in tracts with a rate and
        ``rateless_count`` in others; ``missing_count``; each of :data:`SHARES`;
        ``change_7_points``, ``change_28_points``; ``rank``, ``rank_missing``, ``peer_rank``,
        ``peer_count``; ``needed_daily_count``, ``current_daily_count``, ``chance_share``;
        ``planned_usd``; each of :data:`GROUPS` as ``<group>_share``; ``split_share``, the share of
        households in tracts that also lie elsewhere, and ``alone_share``, the rate if each tract
        went whole to the district that holds most of it.
    parts
        A row is a tract's part in a district: ``district``, ``geoid``, ``weight``,
        ``households_count`` there, and the tract's figures.
    whole
        The same figures of all districts together, without ranks.
    trend
        Rate by district (columns) and data date (rows); ``whole_trend`` that of all together.
    peers
        District to its peers of equal expectation, itself included; empty where nothing tells who
        they are.
    peer_basis
        What told them, one of :data:`PEER_BASES`, or empty.
    tract_changes
        Tract to the change of its rate in 7 days, points as shares.
    """

    table: pd.DataFrame
    parts: pd.DataFrame
    whole: "pd.Series[Any]"
    trend: pd.DataFrame
    whole_trend: "pd.Series[float]"
    peers: dict[str, list[str]]
    peer_basis: str
    tract_changes: "pd.Series[float]"

    @property
    def history_days(self) -> int:
        """Days from the first known rate to the last."""
        return int((self.trend.index[-1] - self.trend.index[0]).days)

    def row(self, district: str | None) -> "pd.Series[Any]":
        """Return the figures of one district, or of all together (``None``)."""
        return self.whole if district is None else cast("pd.Series[Any]", self.table.loc[district])


def measure_districts(view: ReportView) -> Figures:
    """Measure every district of a view.

    Raises
    ------
    NothingThere
        No tract with a rate and households lies in a district.
    """
    rows = _gather_tracts(view)
    parts = split_tracts(rows, view.crosswalk, view.districts.index)
    if not (parts["households_count"] > 0).any():
        raise NothingThere(
            f"No tract with a rate and households lies in a district of '{view.kind}'.",
            "Check the districts' file, or the crosswalk's codes.",
        )
    table = add_up(parts, "district").reindex(view.districts.index)
    whole = add_up(parts.assign(all=0), "all").iloc[0]
    whole["tracts_count"] = parts.loc[parts["households_count"] > 0, "geoid"].nunique()
    table.insert(0, "name", view.districts["name"].astype(str))
    season = _tabulate_history(view)
    trend, whole_trend = _follow_trend(parts, season)
    table = table.join(_measure_changes(trend), validate="one_to_one")
    whole = pd.concat([whole, _measure_changes(whole_trend.to_frame(0)).reindex([0]).iloc[0]])
    table, whole = _add_pace(table, view), _add_pace(whole.to_frame().T.astype(float), view).iloc[0]
    basis = next((name for name in PEER_BASES if table[name].notna().sum() > 2), "")  # noqa: PLR2004  two are no ranking
    peers = _find_peers(table[basis]) if basis else {}
    table = _add_splits(_add_ranks(table, peers), rows, parts, view)
    changes = _measure_changes(season)
    return Figures(
        table, parts, whole, trend, whole_trend, peers, basis, changes[f"change_{_WEEK}_points"]
    )


def _gather_tracts(view: ReportView) -> pd.DataFrame:
    """Join tracts and scores, and the money planned; figures that are absent become missing."""
    rows = pd.DataFrame(view.tracts.drop(columns=view.tracts.geometry.name))
    fresh = view.scores.columns.difference(rows.columns, sort=False)
    rows = rows.join(view.scores[fresh], how="left", validate="one_to_one")
    money = pd.Series(dtype=float)
    if view.targets is not None:
        treated = view.targets[(view.targets["arm"] == "treat") & (view.targets["kind"] == "tract")]
        money = treated.groupby("place")["budget_usd"].sum()
    rows["planned_usd"] = money.reindex(rows.index).fillna(0.0)
    absent = [name for name in (*SHARES, *GROUPS.values(), "rank") if name not in rows]
    return rows.assign(**dict.fromkeys(absent, np.nan))


def split_tracts(rows: pd.DataFrame, crosswalk: pd.DataFrame, districts: pd.Index) -> pd.DataFrame:
    """Return every tract's part in every district, counts split by weight.

    Parameters
    ----------
    rows
        Tracts, indexed by geoid.
    crosswalk
        From tracts to districts.
    districts
        The districts asked for; parts elsewhere are left out.
    """
    pairs = crosswalk[
        crosswalk["target"].isin(districts)
        & crosswalk["source"].isin(rows.index)
        & (crosswalk["weight"] > 0)
    ]
    parts = pairs[["source", "target", "weight"]].rename(
        columns={"source": "geoid", "target": "district"}
    )
    parts = parts.join(rows, on="geoid", validate="many_to_one").reset_index(drop=True)
    parts["tract_households_count"] = parts["households_count"]
    counts = [
        "households_count",
        "planned_usd",
        *(name for name in GROUPS.values() if name in parts),
    ]
    return parts.assign(**{name: parts[name].astype(float) * parts["weight"] for name in counts})


def add_up(parts: pd.DataFrame, by: str) -> pd.DataFrame:
    """Add parts up to districts: counts as sums, shares as the mean by households over the parts that have one."""
    homes = parts["households_count"].fillna(0.0)
    rated = parts["cumulative_share"].notna()
    counted = homes.where(rated, 0.0)
    key = parts[by]
    total = counted.groupby(key).sum()
    table = pd.DataFrame(
        {"households_count": total, "rateless_count": (homes - counted).groupby(key).sum()}
    )
    averages, behind = average_groups(parts[list(SHARES)], counted, key)
    table = table.join(averages.where(behind.ge(LEAST_COVERED * total, axis=0)))
    table["missing_count"] = (
        (counted * (1 - parts["cumulative_share"]).fillna(0.0)).groupby(key).sum()
    )
    table["planned_usd"] = parts["planned_usd"].groupby(key).sum()
    table["tracts_count"] = (homes > 0).groupby(key).sum()
    for group, column in GROUPS.items():
        known = parts[column].notna()
        base = homes.where(known, 0.0).groupby(key).sum()
        share = parts[column].fillna(0.0).groupby(key).sum() / base.where(base > 0)
        table[f"{group}_share"] = share.where(base >= LEAST_COVERED * homes.groupby(key).sum())
    return table


def _tabulate_history(view: ReportView) -> pd.DataFrame:
    """Return the season's rates, a row for each data date up to the view's, a column for each tract."""
    now: pd.DataFrame = (
        view.tracts["cumulative_share"].rename(pd.Timestamp(view.data_date)).to_frame().T
    )
    if view.history is None:
        return now
    before = view.history[view.history["data_date"] < pd.Timestamp(view.data_date)]
    table = pivot_rates(before).T
    return pd.concat([table.reindex(columns=view.tracts.index), now])


def _follow_trend(
    parts: pd.DataFrame, season: pd.DataFrame
) -> "tuple[pd.DataFrame, pd.Series[float]]":
    """Return the rate of each district, and of all together, on every date; the mean is over the tracts that have a rate on it."""
    homes = parts.pivot_table(
        index="district", columns="geoid", values="households_count", aggfunc="sum", fill_value=0.0
    )
    rates = season.reindex(columns=homes.columns).to_numpy(dtype=float)
    weights = homes.to_numpy(dtype=float)
    dates = pd.DatetimeIndex(season.index)
    return (
        pd.DataFrame(average_dates(rates, weights), index=dates, columns=homes.index),
        pd.Series(average_dates(rates, weights.sum(axis=0, keepdims=True))[:, 0], index=dates),
    )


def _measure_changes(trend: pd.DataFrame) -> pd.DataFrame:
    """Measure the change over 7 and 28 days; ``trend`` has a row for each data date."""
    return pd.DataFrame(
        {f"change_{days}_points": measure_change(trend.T, days) for days in (_WEEK, _FOUR_WEEKS)}
    )


def _add_pace(table: pd.DataFrame, view: ReportView) -> pd.DataFrame:
    """Add the households that come and that would have to come each day, and the chance of the goal.

    The chance is that of a normal distribution split at the forecast, each half as wide as its side
    of the 80 % interval. It is missing without a forecast, or when the deadline is past.
    """
    gap = (view.goal_share - table["cumulative_share"]).clip(lower=0)
    left = view.days_left or np.nan
    middle, goal = table["final_share"], view.goal_share
    side = table["final_high80_share"] - middle
    side = side.where(goal >= middle, middle - table["final_low80_share"]).clip(lower=1e-9)
    chance = pd.Series(norm.sf((goal - middle) / side * _REACH80), index=table.index).where(
        middle.notna() & (view.days_left > 0)
    )
    return table.assign(
        gap_points=view.goal_share - table["cumulative_share"],
        needed_daily_count=gap * table["households_count"] / left,
        current_daily_count=table[f"change_{_WEEK}_points"] * table["households_count"] / _WEEK,
        chance_share=chance.mask((gap == 0) & chance.notna(), 1.0),
    )


def _find_peers(basis: "pd.Series[float]") -> dict[str, list[str]]:
    """Return for each district those nearest to it in what may be expected, itself included."""
    known = basis.dropna()
    size = min(PEERS, max(3, len(known) // 3))
    return {
        str(district): (known - value).abs().sort_values(kind="stable").index[:size].tolist()
        for district, value in known.items()
    }


def _add_ranks(table: pd.DataFrame, peers: dict[str, list[str]]) -> pd.DataFrame:
    """Add the place by rate, 1 being the highest, among all and among peers, and by missing households, 1 being the most."""
    rate = table["cumulative_share"]
    places = {
        district: int((rate[among] > rate[district]).sum()) + 1 for district, among in peers.items()
    }
    return table.assign(
        rank=rate.rank(ascending=False, method="min"),
        rank_missing=table["missing_count"].rank(ascending=False, method="min"),
        peer_rank=pd.Series(places, dtype=float).reindex(table.index),
        peer_count=pd.Series(
            {district: len(among) for district, among in peers.items()}, dtype=float
        ).reindex(table.index),
    )


def _add_splits(
    table: pd.DataFrame, rows: pd.DataFrame, parts: pd.DataFrame, view: ReportView
) -> pd.DataFrame:
    """Add what the splitting of tracts means for each district.

    ``<name>_share`` is the rate under each of the other crosswalks; the rest as in
    :class:`Figures`.
    """
    homes = parts["households_count"].where(parts["cumulative_share"].notna(), 0.0)
    split = homes.where(parts["weight"] < 1 - 1e-6, 0.0).groupby(parts["district"]).sum()
    ways = {"alone": give_whole(view.crosswalk), **view.other_crosswalks}
    rates = {
        f"{name}_share": add_up(split_tracts(rows, way, view.districts.index), "district")[
            "cumulative_share"
        ].reindex(table.index)
        for name, way in ways.items()
    }
    return table.assign(
        split_share=(split / table["households_count"]).reindex(table.index), **rates
    )


def give_whole(crosswalk: pd.DataFrame) -> pd.DataFrame:
    """Return a crosswalk that gives each source wholly to the target that holds most of it."""
    ordered = crosswalk.sort_values(["source", "weight", "target"], ascending=[True, False, True])
    return ordered.drop_duplicates("source").assign(weight=1.0)
