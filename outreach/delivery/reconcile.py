"""Reconcile what platforms delivered with what was planned.

Money is the media of the plan, without fees, because that is what platforms report. Planned money
is due evenly over the days of the flight, as daily budgets spend it.
"""

import datetime as dt
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from outreach.delivery.pacing import forecast_end, share_days
from outreach.delivery.places import find_ground, match_places
from outreach.delivery.plan import FlightPlan
from outreach.tables import DataFrame, Delivery
from outreach.units import Arm, Ground

#: What the lines of a reconciliation are about, in the order of its table.
DIMENSIONS = ("total", "arm", "channel", "language", "week", "unit")
#: The order in which leaks are named: ads in held-out ground spoil the test.
_LEAKS = (Ground.HOLDOUT, Ground.BUFFER, Ground.UNBOUGHT)
_WEEK, _DAY = dt.timedelta(days=7), dt.timedelta(days=1)


@dataclass(frozen=True, slots=True, eq=False)
class Reconciliation:
    """Planned against delivered, up to the last day with a report.

    Parameters
    ----------
    first, last, through
        The days of the flight, and the last day with a report.
    rows
        The delivered rows, each with its ``unit_id`` and its
        :class:`ground <outreach.units.Ground>`.
    lines
        A row is a part of the flight: ``dimension`` (:data:`DIMENSIONS`), ``key``, ``planned_usd``,
        ``due_usd`` (by ``through``), ``delivered_usd``, ``planned_impressions_count``,
        ``due_impressions_count``, ``delivered_impressions_count``, ``clicks_count``,
        ``planned_reach_count`` (households, where the plan parts them), and bounds of delivered
        reach (people) and frequency over the days (``reach_low_count``, ``reach_high_count``,
        ``frequency_low``, ``frequency_high``), missing where no report has reach. The lines of
        each dimension add up to the total.
    pacing
        A row is the total or a channel (``channel``): ``planned_usd``, ``due_usd``,
        ``delivered_usd``, ``pace`` (delivered by due), and the forecast of the end
        (``end_low_usd``, ``end_usd``, ``end_high_usd``).
    leaks
        A row is a place that was served and not bought: ``ground``, ``place``, ``unit_id``,
        ``first_day``, ``impressions_count``, ``spend_usd``; held-out ground first.
    unserved
        A row is a bought unit without one impression, where reports name such places.
    """

    first: dt.date
    last: dt.date
    through: dt.date
    rows: pd.DataFrame
    lines: pd.DataFrame
    pacing: pd.DataFrame
    leaks: pd.DataFrame
    unserved: pd.DataFrame

    @property
    def is_over(self) -> bool:
        """Whether the reports reach the end of the flight."""
        return self.through >= self.last


def reconcile(plan: FlightPlan, delivery: DataFrame[Delivery]) -> Reconciliation:
    """Compare what was delivered with the plan.

    Parameters
    ----------
    plan
        What was planned.
    delivery
        The rows of the flight, at least one.
    """
    rows = place_rows(plan, delivery)
    through: dt.date = rows["day"].max().date()
    cells = _name_channels(plan.cells, rows)
    elapsed = share_days(plan.first, plan.last, through)
    parts = [
        _compare_total(cells, rows, elapsed),
        _compare(cells, rows, "arm", elapsed),
        _compare(cells, rows, "channel", elapsed),
        _compare(cells, rows, "language", elapsed),
        _compare_weeks(plan, cells, rows, through),
        _compare(cells, rows, "unit", elapsed),
    ]
    return Reconciliation(
        first=plan.first,
        last=plan.last,
        through=through,
        rows=rows,
        lines=pd.concat(parts, ignore_index=True),
        pacing=_pace(plan, cells, rows, through),
        leaks=list_leaks(rows),
        unserved=_list_unserved(plan, cells, rows),
    )


def place_rows(plan: FlightPlan, delivery: DataFrame[Delivery]) -> pd.DataFrame:
    """Return delivered rows with the unit and the ground of each."""
    units = match_places(delivery["place"], plan.targets)
    ground = find_ground(delivery["place"], units, plan.targets, plan.bought)
    arms = plan.targets["arm"]
    return delivery.assign(unit_id=units, ground=ground, arm=units.map(arms).fillna("").astype(str))


def list_leaks(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the places that were served and not bought, held-out ground first.

    Parameters
    ----------
    rows
        From :func:`place_rows`.
    """
    served = rows[rows["ground"].isin(_LEAKS) & _is_served(rows)]
    grouped = served.groupby(["ground", "place", "unit_id"], sort=False).agg(
        first_day=("day", "min"),
        impressions_count=("impressions_count", "sum"),
        spend_usd=("spend_usd", math.fsum),
    )
    leaks = grouped.reset_index()
    order = leaks["ground"].map({ground: rank for rank, ground in enumerate(_LEAKS)})
    ordered = leaks.assign(order=order).sort_values(
        ["order", "impressions_count", "place"], ascending=[True, False, True]
    )
    return ordered.drop(columns="order").reset_index(drop=True)


def _is_served(rows: pd.DataFrame) -> "pd.Series[bool]":
    """Return which rows show or cost anything."""
    return (rows["impressions_count"] > 0) | (rows["spend_usd"] > 0)


def _name_channels(cells: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Give the money of a plan without channels to the one platform that delivers."""
    channels = rows["channel"].unique()
    if len(channels) != 1:
        return cells
    return cells.assign(channel=cells["channel"].where(cells["channel"] != "", channels[0]))


def _compare_total(cells: pd.DataFrame, rows: pd.DataFrame, elapsed: float) -> pd.DataFrame:
    """Return the line of everything."""
    line = _describe(cells, rows, elapsed)
    return pd.DataFrame([{"dimension": "total", "key": "", **line}])


def _compare(
    cells: pd.DataFrame, rows: pd.DataFrame, dimension: str, elapsed: float
) -> pd.DataFrame:
    """Return the lines of one dimension: what was planned, and what was delivered besides.

    Deliveries to no unit have the :class:`~outreach.units.Ground` of their place as a key.
    """
    column = {"unit": "unit_id"}.get(dimension, dimension)
    keys = rows[column]
    if dimension in {"arm", "unit"}:
        keys = keys.where(keys != "", rows["ground"])
    planned = dict(iter(cells.groupby(column, sort=False)))
    delivered = dict(iter(rows.groupby(keys, sort=True)))
    if dimension == "arm":
        planned |= {arm.value: cells.iloc[:0] for arm in Arm if arm.value not in planned}
    lines = [
        {
            "dimension": dimension,
            "key": str(key),
            **_describe(
                planned.get(key, cells.iloc[:0]), delivered.get(key, rows.iloc[:0]), elapsed
            ),
        }
        for key in dict.fromkeys([*planned, *delivered])
    ]
    return pd.DataFrame(lines)


def _compare_weeks(
    plan: FlightPlan, cells: pd.DataFrame, rows: pd.DataFrame, through: dt.date
) -> pd.DataFrame:
    """Return a line for each week, Monday to Sunday, from the first to the last day of either."""
    total = math.fsum(cells["media_usd"])
    impressions = float(cells["impressions_count"].sum())
    mondays = _list_mondays(
        min(plan.first, rows["day"].min().date()), max(plan.last, rows["day"].max().date())
    )
    lines = []
    for monday in mondays:
        before, sunday = monday - _DAY, monday + _WEEK - _DAY
        inside = rows[rows["day"].between(pd.Timestamp(monday), pd.Timestamp(sunday))]
        start, end, due = (
            share_days(plan.first, plan.last, day)
            for day in (before, sunday, max(min(sunday, through), before))
        )
        # Differences of what is planned up to each Sunday add up to the whole, to the cent.
        planned = round(round(total * end, 2) - round(total * start, 2), 2)
        line = _describe(cells.iloc[:0], inside, 0.0)
        line |= {
            "planned_usd": planned,
            "due_usd": total * (due - start),
            "planned_impressions_count": impressions * (end - start),
            "due_impressions_count": impressions * (due - start),
        }
        lines.append({"dimension": "week", "key": monday.isoformat(), **line})
    return pd.DataFrame(lines)


def _list_mondays(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    """Yield the Monday of each week of a period."""
    monday = first - first.weekday() * _DAY
    while monday <= last:
        yield monday
        monday += _WEEK


def _describe(cells: pd.DataFrame, rows: pd.DataFrame, elapsed: float) -> dict[str, float]:
    """Return the figures of a line."""
    planned, impressions = math.fsum(cells["media_usd"]), float(cells["impressions_count"].sum())
    shown = float(rows["impressions_count"].sum())
    reach_low, reach_high = _bound_reach(rows)
    return {
        "planned_usd": round(planned, 2),
        "due_usd": planned * elapsed,
        "delivered_usd": math.fsum(rows["spend_usd"]),
        "planned_impressions_count": impressions,
        "due_impressions_count": impressions * elapsed,
        "delivered_impressions_count": shown,
        "clicks_count": float(rows["clicks_count"].sum()),
        "planned_reach_count": float(cells["reached_count"].sum()) if len(cells) else math.nan,
        "reach_low_count": reach_low,
        "reach_high_count": reach_high,
        "frequency_low": shown / reach_high if reach_high else math.nan,
        "frequency_high": shown / reach_low if reach_low else math.nan,
    }


def _bound_reach(rows: pd.DataFrame) -> tuple[float, float]:
    """Return the least and the most that can have been reached over all days.

    The same people can be reached on several days, in several places, and by several campaigns, so
    reach is at least its largest row and at most the sum of all. It is missing unless every row
    with impressions has it.
    """
    shown = rows[rows["impressions_count"] > 0]
    if shown.empty or shown["reach_count"].isna().any():
        return math.nan, math.nan
    return float(shown["reach_count"].max()), float(shown["reach_count"].sum())


def _pace(
    plan: FlightPlan, cells: pd.DataFrame, rows: pd.DataFrame, through: dt.date
) -> pd.DataFrame:
    """Return how fast money is spent, in all and on each channel."""
    elapsed = share_days(plan.first, plan.last, through)
    channels = ["", *dict.fromkeys([*cells["channel"], *rows["channel"]])]
    lines = []
    for channel in dict.fromkeys(channels):
        own = rows if channel == "" else rows[rows["channel"] == channel]
        money = cells if channel == "" else cells[cells["channel"] == channel]
        planned = math.fsum(money["media_usd"])
        # Where the plan does not say who spends it, a channel has no plan of its own.
        if channel and not planned and (cells["channel"] == "").any():
            planned = math.nan
        delivered = math.fsum(own["spend_usd"])
        end = forecast_end(_sum_days(own, plan.first, through), plan.last, through)
        due = planned * elapsed
        lines.append(
            {
                "channel": channel,
                "planned_usd": planned,
                "due_usd": due,
                "delivered_usd": delivered,
                "pace": delivered / due if due else math.nan,
                "end_low_usd": end.low_usd,
                "end_usd": end.middle_usd,
                "end_high_usd": end.high_usd,
            }
        )
    return pd.DataFrame(lines)


def _sum_days(rows: pd.DataFrame, first: dt.date, through: dt.date) -> "pd.Series[float]":
    """Return the money of each day, from the first day of the flight or of the ads."""
    by_day = rows.groupby("day")["spend_usd"].agg(math.fsum)
    start = min([pd.Timestamp(first), *by_day.index])
    days = pd.date_range(start, max(pd.Timestamp(through), start))
    return by_day.reindex(days, fill_value=0.0).astype(float)


def _list_unserved(plan: FlightPlan, cells: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the bought units that no report shows, if the reports name units at all."""
    columns = ["kind", "place", "label"]
    if not (rows["unit_id"] != "").any():
        return plan.targets.iloc[:0][columns].assign(planned_usd=0.0)
    served = rows[_is_served(rows)]["unit_id"]
    planned = cells.groupby("unit_id")["media_usd"].agg(math.fsum)
    units = plan.targets[columns].assign(planned_usd=planned)
    return units[(units["planned_usd"] > 0) & ~np.isin(units.index, served)]
