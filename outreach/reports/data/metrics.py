"""Measure every district of a report and all of them together."""

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd

from outreach.errors import NothingThere
from outreach.rates import AreaErrors, average_rate, count_alike
from outreach.reports.data.history import average_trend, measure_changes, tabulate_history
from outreach.reports.data.inputs import ReportView
from outreach.reports.data.pace import add_pace
from outreach.reports.data.peers import PEER_BASES, add_ranks, find_peers
from outreach.reports.data.sums import GROUPS, SHARES, give_whole, split_tracts, sum_parts
from outreach.tables import DataFrame, DistrictFigures, TractParts, as_table
from outreach.units import Arm, UnitKind

#: Figures that only counts of households can give.
_HOUSEHOLD_COUNTS = (
    "households_count",
    "tract_households_count",
    "rateless_count",
    "missing_count",
    "needed_daily_count",
    "current_daily_count",
    "rank_missing",
)
#: With less history than this, a forecast's range was too narrow (Chicago, 2020).
THIN_DAYS = 28


@dataclass(frozen=True)
class Figures:
    """The figures of a set of reports.

    Parameters
    ----------
    table
        The figures of each district, with each of :data:`outreach.reports.data.sums.SHARES`, each
        of :data:`outreach.reports.data.sums.GROUPS` as ``<group>_share``, and the rate with each
        other crosswalk as ``<name>_share``.
    parts
        The parts of tracts that the districts are made of.
    whole
        The same figures of all districts together, without ranks.
    trend
        Rate by data date (rows) and district (columns).
    whole_trend
        Rate of all districts together by data date.
    peers
        District to its peers, itself included; empty where nothing says who they are.
    peer_basis
        The column that says who they are, one of
        :data:`outreach.reports.data.peers.PEER_BASES`, or empty.
    campaign_share
        Rate of all tracts of the campaign, inside the districts or not, weighted by households.
    tract_changes
        Tract to the change of its rate in 7 days, points as shares.
    """

    table: DataFrame[DistrictFigures]
    parts: DataFrame[TractParts]
    whole: "pd.Series[Any]"
    trend: pd.DataFrame
    whole_trend: "pd.Series[float]"
    peers: dict[str, list[str]]
    peer_basis: str
    campaign_share: float
    tract_changes: "pd.Series[float]"

    @property
    def history_days(self) -> int:
        """Days from the first data date to the last."""
        return int((self.trend.index[-1] - self.trend.index[0]).days)

    @property
    def has_households(self) -> bool:
        """Whether households are counted; without, all tracts weigh alike."""
        return bool(pd.notna(self.whole["households_count"]))

    def row(self, district: str | None) -> "pd.Series[Any]":
        """Return the figures of one district, or of all together (``None``)."""
        return self.whole if district is None else cast("pd.Series[Any]", self.table.loc[district])


def measure_districts(view: ReportView) -> Figures:
    """Measure every district of a view.

    A tract that lies in several districts is split by the weight of the crosswalk. Its rate is
    assumed to be the same in every part. Where no source counts households, all tracts weigh alike,
    and every count of households is missing.

    Raises
    ------
    NothingThere
        No tract with a rate and households lies in a district.
    """
    tracts = _join_tracts(view)
    weighed = bool(tracts["households_count"].notna().any())
    if not weighed:
        tracts["households_count"] = 1.0
    parts = split_tracts(tracts, view.crosswalk, view.districts.index)
    if not (parts["households_count"] > 0).any():
        raise NothingThere(
            f"No tract with a rate and households lies in a {view.kind}.",
            "Check the district file, or the codes of the crosswalk.",
        )

    # Sums and means of each district, and of all together.
    table = sum_parts(parts, "district").reindex(view.districts.index)
    table.insert(0, "name", view.districts["name"].astype(str))
    whole = sum_parts(parts.assign(all=0), "all")
    whole["tracts_count"] = parts.loc[parts["households_count"] > 0, "geoid"].nunique()
    whole = _take_area_range(whole)
    if view.area_errors is not None:
        table = _narrow_ranges(table, parts, "district", view.area_errors)
        whole = _narrow_ranges(whole, _join_parts(parts), "all", view.area_errors)

    # Change over the season.
    history = tabulate_history(view)
    trend, whole_trend = average_trend(parts, history)
    table = table.join(measure_changes(trend), validate="one_to_one")
    whole_changes = measure_changes(whole_trend.to_frame(0))
    whole = whole.join(whole_changes, validate="one_to_one")

    table, whole = add_pace(table, view), add_pace(whole.astype(float), view)

    # Ranks need peers, and peers need a figure that at least three districts have.
    basis = next((name for name in PEER_BASES if table[name].notna().sum() > 2), "")  # noqa: PLR2004  two do not make a ranking
    peers = find_peers(table[basis]) if basis else {}
    table = _add_splits(add_ranks(table, peers), tracts, parts, view)
    if not weighed:
        table, whole = _drop_counts(table), _drop_counts(whole)
        parts = as_table(_drop_counts(parts), TractParts)
    return Figures(
        table=as_table(table, DistrictFigures),
        parts=parts,
        whole=whole.iloc[0],
        trend=trend,
        whole_trend=whole_trend,
        peers=peers,
        peer_basis=basis,
        campaign_share=average_rate(
            tracts["cumulative_share"], tracts["households_count"].fillna(0.0)
        ),
        tract_changes=measure_changes(history)["change_7_points"],
    )


def _take_area_range(whole: pd.DataFrame) -> pd.DataFrame:
    """Give all districts together the range of the area as one event.

    The mean of the tracts' own ranges would be too wide, because their own errors cancel out. It
    stays where a run has no range of the area.
    """
    sides = ("low80_share", "high80_share")
    ends = {f"final_{side}": whole[f"area_{side}"].fillna(whole[f"final_{side}"]) for side in sides}
    return whole.assign(**ends)


def _join_parts(parts: pd.DataFrame) -> pd.DataFrame:
    """Return the parts of all districts together: those of a tract become one."""
    columns = {"households_count": "sum", "cumulative_share": "first"}
    return parts.groupby("geoid", as_index=False).agg(columns).assign(all=0)


def _narrow_ranges(
    table: pd.DataFrame, parts: pd.DataFrame, by: str, errors: AreaErrors
) -> pd.DataFrame:
    """Give areas of a plan their range as one event; it is never wider than their tracts' mean.

    The mean of the tracts' own ranges, which it replaces, would be the range if all of them missed
    alike.
    """
    rated = parts["households_count"].where(parts["cumulative_share"].notna(), 0.0)
    size = count_alike(rated, parts[by]).reindex(table.index)
    reach = errors.reach(np.asarray(size, dtype=np.float64))
    middle = table["final_share"]
    low, high = table["final_low80_share"], table["final_high80_share"]
    return table.assign(
        final_low80_share=np.fmax(low, middle - reach),
        final_high80_share=np.fmin(high, middle + reach),
    )


def _drop_counts(table: pd.DataFrame) -> pd.DataFrame:
    """Remove what would be a count of households if the weights were households."""
    return table.assign(**{name: np.nan for name in _HOUSEHOLD_COUNTS if name in table})


def _join_tracts(view: ReportView) -> pd.DataFrame:
    """Join tracts, scores and planned budget; absent figures become missing."""
    rows = pd.DataFrame(view.tracts.drop(columns=view.tracts.geometry.name))
    fresh = view.scores.columns.difference(rows.columns, sort=False)
    rows = rows.join(view.scores[fresh], how="left", validate="one_to_one")

    # Only whole tracts have a budget that belongs to one place.
    budgets = pd.Series(dtype=float)
    if view.targets is not None:
        targets = view.targets[view.targets["kind"] == UnitKind.TRACT]
        treated = targets[targets["arm"] == Arm.TREAT]
        budgets = treated.groupby("place")["budget_usd"].sum()
    rows["planned_usd"] = budgets.reindex(rows.index).fillna(0.0)

    absent = [name for name in (*SHARES, *GROUPS.values(), "rank") if name not in rows]
    return rows.assign(**dict.fromkeys(absent, np.nan))


def _add_splits(
    table: pd.DataFrame, tracts: pd.DataFrame, parts: DataFrame[TractParts], view: ReportView
) -> pd.DataFrame:
    """Add how many households live in split tracts, and the rate with each other split."""
    households = parts["households_count"].where(parts["cumulative_share"].notna(), 0.0)
    split = households.where(parts["weight"] < 1 - 1e-6, 0.0).groupby(parts["district"]).sum()
    crosswalks = {"alone": give_whole(view.crosswalk), **view.other_crosswalks}
    rates = {}
    for name, crosswalk in crosswalks.items():
        other_parts = split_tracts(tracts, crosswalk, view.districts.index)
        sums = sum_parts(other_parts, "district")
        rates[f"{name}_share"] = sums["cumulative_share"].reindex(table.index)
    return table.assign(
        split_share=(split / table["households_count"]).reindex(table.index), **rates
    )
