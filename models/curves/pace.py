"""Judge whether each tract keeps pace with its own start and its county."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from models.curves.area_pace import fit_area_pace, group_counties
from models.curves.curve_features import read_curve_features
from models.curves.invitations import GRACE_DAYS, read_invitation_days
from models.curves.season_model import SeasonModel
from models.curves.trajectory import Trajectories
from outreach.arrays import Floats
from outreach.errors import ModelError
from outreach.rates import Event
from outreach.tables import Pace

#: Windows that the pace is calibrated for, elapsed days.
WINDOWS = (7, 14, 28)
#: Smallest and largest false-alarm rate that is calibrated.
_ALARMS = (0.01, 0.25)
#: Fewest days between a start and a judgment.
_LEAST_DAYS = 5
#: Share that a rate must lie outside the band by.
_TOLERANCE = 1e-9


@dataclass(frozen=True)
class PaceJudgment:
    """The judgment of one day.

    Attributes
    ----------
    table
        A row is a tract: ``data_date``, ``since_date``, ``level_share``; ``start_share``,
        ``start_low_share``, ``start_high_share``, what its own start leads to; ``shortfall_share``
        (expected minus actual, positive is behind); ``area_offset_share`` (how far the whole area
        is from the season); ``invited_date`` (missing: from the start); and ``pace``, one of
        :class:`outreach.tables.Pace`.
    day, since_day
        Elapsed days of the judgment and of the start it is judged from.
    false_alarm_share
        Share of the tracts without any problem that are expected to be called behind.
    events
        What the season's calendar has between the two days.
    """

    table: pd.DataFrame
    day: int
    since_day: int
    false_alarm_share: float
    events: tuple[Event, ...]


def judge_pace(
    curves: Trajectories,
    model: SeasonModel,
    *,
    day: int | None = None,
    window_days: int = 14,
    false_alarm_share: float = 0.05,
    invited: "pd.Series[pd.Timestamp] | None" = None,
) -> PaceJudgment:
    """Compare each tract's growth with what its own start leads to.

    From ``window_days`` before, the season model forecasts each tract's growth to the end, and the
    season's mean curve states how much of it should have come by now. The robust line of actual on
    expected growth over the tract's county (or over all small counties together) is the area's own
    pace. A tract is behind if it is further below that line than all but ``false_alarm_share`` of
    the archived season's tracts were on that day. So a slow area does not make all its tracts
    laggards; ``area_offset_share`` shows it separately.

    Parameters
    ----------
    curves
        Rates up to the day of judgment or later; later ones are ignored.
    model
        A season model.
    day
        Elapsed day; by default the last published one.
    window_days
        How far back the start is, 7 to 28: the last publication before, or the model's first day.
    false_alarm_share
        0.01 to 0.25.
    invited
        For areas with delivery by hand: geoid -> day of invitation. Other days are read from the
        curve, see :func:`models.curves.invitations.find_invitation_days`.

    Raises
    ------
    ModelError
        No publication is five days or more before the day and within the season, or a parameter is
        out of range.
    """
    _check_calibrated(window_days, false_alarm_share)
    curves = curves.until(curves.last_day if day is None else day)
    day = curves.last_day
    since = _choose_start(curves, model, window_days)

    # Compare the level with the band of the tract's own start.
    band = draw_start_band(
        curves, model, since_day=since, days=(day,), false_alarm_share=false_alarm_share
    )
    table = band.drop(columns=["day"])
    level = curves.cumulative_at(day)
    table.insert(1, "since_date", pd.Timestamp(curves.start + timedelta(days=since)))
    table.insert(2, "level_share", level)
    table["shortfall_share"] = table["start_share"] - level

    # A tract that was invited late is not judged at first.
    invitation = read_invitation_days(curves, model, invited)
    waiting = np.isinf(invitation)
    recent = (invitation > 0) & (invitation > since - GRACE_DAYS)
    stated = np.where(waiting | (invitation == 0), np.nan, invitation)
    table["invited_date"] = pd.Timestamp(curves.start) + pd.to_timedelta(stated, unit="D")

    low, high = table["start_low_share"], table["start_high_share"]
    verdict = np.select(
        [waiting, recent, level < low - _TOLERANCE, level > high + _TOLERANCE],
        [Pace.NOT_INVITED, Pace.JUST_INVITED, Pace.BEHIND, Pace.AHEAD],
        Pace.ON_PACE,
    )
    judged = pd.Series(verdict, index=table.index, dtype="string")
    table["pace"] = judged.mask(table["start_share"].isna())
    events = _list_events(model, curves.start, since, day)
    return PaceJudgment(table, day, since, false_alarm_share, events)


def draw_start_band(
    curves: Trajectories,
    model: SeasonModel,
    *,
    since_day: int,
    days: tuple[int, ...],
    false_alarm_share: float = 0.05,
) -> pd.DataFrame:
    """Draw the curve that each tract's own start leads to, with its band.

    Parameters
    ----------
    curves
        Rates of the area, with all the ``days``.
    model
        A season model.
    since_day
        Where the curve starts. Of later rates only the area's common pace has an effect.
    days
        Elapsed days after the start.
    false_alarm_share
        Share outside the band on either side.

    Returns
    -------
    DataFrame
        A row is a tract on a day: ``day``, ``data_date``, ``start_share``, ``start_low_share``,
        ``start_high_share``, ``area_offset_share``.

    Raises
    ------
    ModelError
        The start was not published, or a day is not after it.
    """
    if since_day not in curves.published_days:
        raise ModelError(
            f"Nothing was published on day {since_day}.", "Start from a published day."
        )
    late = [day for day in days if not since_day < day <= curves.last_day]
    if late:
        raise ModelError(
            f"Day {late[0]} is outside the days {since_day + 1} to {curves.last_day}.",
            "Choose published days after the start.",
        )

    features = read_curve_features(curves.until(since_day), since_day)
    forecast = model.forecast_growth(features, since_day)
    growth = forecast["growth_share"].to_numpy(dtype=float)
    error = forecast["error_share"].to_numpy(dtype=float)
    return pd.concat(
        [_draw_day(curves, model, since_day, day, growth, error, false_alarm_share) for day in days]
    )


def _draw_day(
    curves: Trajectories,
    model: SeasonModel,
    since_day: int,
    day: int,
    growth: Floats,
    error: Floats,
    false_alarm_share: float,
) -> pd.DataFrame:
    """Draw the band of one day from the growth that was forecast at the start."""
    begin, group = curves.cumulative_at(since_day), group_counties(curves.geoid)
    part = model.share_of_growth(since_day, day)
    gain = curves.cumulative_at(day) - begin
    offset, unit = fit_area_pace(gain, growth * part, error * np.sqrt(part), group)

    window = np.full(len(begin), float(day - since_day))
    low = model.pace.quantile(window, day, false_alarm_share)
    high = model.pace.quantile(window, day, 1 - false_alarm_share)
    middle = begin + growth * part + offset
    figures = {
        "day": day,
        "data_date": pd.Timestamp(curves.start + timedelta(days=day)),
        "start_share": np.clip(middle, begin, 1.0),
        "start_low_share": np.clip(middle + low * unit, begin, 1.0),
        "start_high_share": np.clip(middle + high * unit, begin, 1.0),
        "area_offset_share": offset,
    }
    return pd.DataFrame(figures, index=curves.geoid)


def _check_calibrated(window_days: int, false_alarm_share: float) -> None:
    """Refuse a window or a false-alarm rate that the season was not calibrated for."""
    alarms_fit = _ALARMS[0] <= false_alarm_share <= _ALARMS[1]
    if not (alarms_fit and WINDOWS[0] <= window_days <= WINDOWS[-1]):
        raise ModelError(
            f"A false-alarm rate of {false_alarm_share:g} over {window_days} days is not"
            " calibrated.",
            "Use 0.01 to 0.25 and 7 to 28 days.",
        )


def _choose_start(curves: Trajectories, model: SeasonModel, window_days: int) -> int:
    """Choose the published day that the last day is judged from."""
    day, first = curves.last_day, model.days[0]
    last = day - _LEAST_DAYS
    begins = [begin for begin in curves.published_days if first <= begin <= last]
    if not begins:
        raise ModelError(
            f"Nothing was published from day {first:.0f} to day {last}, so day {day} has no earlier"
            " one to be compared with.",
            "Judge a later day.",
        )
    return max((begin for begin in begins if begin <= day - window_days), default=begins[0])


def _list_events(model: SeasonModel, start: date, since: int, day: int) -> tuple[Event, ...]:
    """List the events of the season's calendar between two elapsed days."""
    shift = start - model.start
    first, last = start + timedelta(days=since), start + timedelta(days=day)
    return tuple(
        event
        for event in model.events
        if event.first + shift <= last and event.last + shift >= first
    )
