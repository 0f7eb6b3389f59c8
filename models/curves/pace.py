"""Whether a tract keeps pace: its curve against what its own start and its area's progress let expect, with a stated rate of false alarms."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from models.curves.season_model import SeasonModel
from models.curves.trajectory import Trajectories, read_features
from outreach.arrays import Floats, Ints
from outreach.errors import ModelError
from outreach.rates import Event
from outreach.tables import Pace

#: A group of fewer tracts is judged together with the other small ones.
LEAST_TRACTS = 30
#: A tract below this share of the season's mean level on :data:`LATE_DAY` had not been asked like
#: the others (assumed: hand delivery).
LATE_RATIO = 0.35
LATE_DAY = 20
#: It counts as asked from the day it has gained this much within a week, and is judged from two
#: weeks after that day.
ASKED_GAIN_SHARE = 0.02
GRACE_DAYS = 14
#: Windows the pace is calibrated for.
WINDOWS = (7, 14, 28)
_ALARMS = (0.01, 0.25)
#: Days that must lie between a start and a judgement at least.
_LEAST_DAYS = 5


@dataclass(frozen=True)
class PaceJudgment:
    """The judgement of one day.

    Attributes
    ----------
    table
        A row is a tract: ``data_date``, ``since_date``, ``level_share``, ``start_share``,
        ``start_low_share``, ``start_high_share``, ``shortfall_share`` (expected less actual,
        positive is behind), ``area_offset_share`` (how far the whole area is from the season),
        ``invited_date`` (missing: from the start), and ``pace``: ``behind``, ``on pace``, ``ahead``,
        ``just invited`` or ``not invited yet``.
    day, since_day
        Elapsed days of the judgement and of the start it is judged from.
    false_alarm_share
        Share of tracts where nothing is wrong that are expected to be called behind.
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
    season: SeasonModel,
    *,
    day: int | None = None,
    window_days: int = 14,
    false_alarm_share: float = 0.05,
    invited: "pd.Series[pd.Timestamp] | None" = None,
) -> PaceJudgment:
    """Compare each tract's progress with what it should be.

    From ``window_days`` before, the season's model forecasts each tract's growth to the end, and
    the season's mean curve says how much of it should have come by now. The robust line of actual
    against expected over the tract's own county (or over all small counties together) is the area's
    own pace; a tract is behind when it falls below that line by more than all but
    ``false_alarm_share`` of the archived season's tracts did on that day. So a slow area does not
    make all its tracts laggards; ``area_offset_share`` tells it apart.

    Parameters
    ----------
    curves
        Rates until the day of judgement or later; later ones are not looked at.
    season
        A fitted season.
    day
        Elapsed day; the last published one where not given.
    window_days
        How far back the start lies, 7 to 28: the last publication before, or the season's first.
    false_alarm_share
        0.01 to 0.25.
    invited
        For areas known to be hand-delivered: geoid -> day of invitation. Others are read from the
        curve: see :func:`find_invitation_days`.

    Raises
    ------
    ModelError
        No publication lies five days or more before the day and within the season, or the
        parameters are out of range.
    """
    if not (
        _ALARMS[0] <= false_alarm_share <= _ALARMS[1] and WINDOWS[0] <= window_days <= WINDOWS[-1]
    ):
        raise ModelError(
            f"A false-alarm rate of {false_alarm_share:g} over {window_days} days is not calibrated.",
            "Use 0.01 to 0.25 and 7 to 28 days.",
        )
    curves = curves.until(curves.last_day if day is None else day)
    day = curves.last_day
    begins = [d for d in curves.published_days if season.days[0] <= d <= day - _LEAST_DAYS]
    if not begins:
        raise ModelError(
            f"No publication from day {season.days[0]:.0f} to day {day - _LEAST_DAYS} is there to judge day {day} from.",
            "Judge a later day.",
        )
    since = max((d for d in begins if d <= day - window_days), default=begins[0])
    expected = draw_expected_curves(
        curves, season, since_day=since, days=(day,), false_alarm_share=false_alarm_share
    )
    table = expected.drop(columns=["day"])
    level = curves.cumulative_at(day)
    table.insert(1, "since_date", pd.Timestamp(curves.start + timedelta(days=since)))
    table.insert(2, "level_share", level)
    table["shortfall_share"] = table["start_share"] - level
    known = _read_invitations(curves, season, invited)
    waiting, recent = np.isinf(known), (known > 0) & (known > since - GRACE_DAYS)
    told = pd.to_timedelta(np.where(waiting | (known == 0), np.nan, known), unit="D")
    table["invited_date"] = pd.Timestamp(curves.start) + told
    verdict = np.select(
        [
            waiting,
            recent,
            level < table["start_low_share"] - 1e-9,
            level > table["start_high_share"] + 1e-9,
        ],
        [Pace.NOT_INVITED, Pace.JUST_INVITED, Pace.BEHIND, Pace.AHEAD],
        Pace.ON_PACE,
    )
    table["pace"] = pd.Series(verdict, index=table.index, dtype="string").mask(
        table["start_share"].isna()
    )
    return PaceJudgment(
        table, day, since, false_alarm_share, _events_between(season, curves.start, since, day)
    )


def draw_expected_curves(
    curves: Trajectories,
    season: SeasonModel,
    *,
    since_day: int,
    days: tuple[int, ...],
    false_alarm_share: float = 0.05,
) -> pd.DataFrame:
    """Draw the expected curve and its band from a start on.

    Parameters
    ----------
    curves
        Rates of the area, with all the ``days``.
    season
        A fitted season.
    since_day
        Where the expectation starts; nothing later enters it but the area's common pace.
    days
        Elapsed days after the start.
    false_alarm_share
        Share outside the band on either side.

    Returns
    -------
    pandas.DataFrame
        A row is a tract on a day: ``day``, ``data_date``, ``start_share``,
        ``start_low_share``, ``start_high_share``, ``area_offset_share``.
    """
    if since_day not in curves.published_days:
        raise ModelError(
            f"Nothing was published on day {since_day}.", "Start from a published day."
        )
    forecast = season.forecast_growth(read_features(curves.until(since_day), since_day), since_day)
    growth, error = (
        forecast["growth_share"].to_numpy(dtype=float),
        forecast["error_share"].to_numpy(dtype=float),
    )
    begin, group = curves.cumulative_at(since_day), group_counties(curves.geoid)
    tables = []
    for day in days:
        if not since_day < day <= curves.last_day:
            raise ModelError(
                f"Day {day} lies outside the days {since_day + 1} to {curves.last_day}.",
                "Choose published days after the start.",
            )
        part = share_of_growth(season, since_day, day)
        offset, unit = fit_area_pace(
            curves.cumulative_at(day) - begin, growth * part, error * np.sqrt(part), group
        )
        window = np.full(len(begin), float(day - since_day))
        low = season.pace.quantile(window, day, false_alarm_share)
        high = season.pace.quantile(window, day, 1 - false_alarm_share)
        middle = begin + growth * part + offset
        figures = {
            "day": day, "data_date": pd.Timestamp(curves.start + timedelta(days=day)), "start_share": np.clip(middle, begin, 1.0),
            "start_low_share": np.clip(middle + low * unit, begin, 1.0), "start_high_share": np.clip(middle + high * unit, begin, 1.0),
            "area_offset_share": offset,
        }  # fmt: skip
        tables.append(pd.DataFrame(figures, index=curves.geoid))
    return pd.concat(tables)


def share_of_growth(season: SeasonModel, since_day: float, day: float) -> float:
    """Return which share of the growth still to come on ``since_day`` the season had seen by ``day``."""
    return 1.0 - season.mean_growth(day) / max(season.mean_growth(since_day), 1e-9)


def group_counties(geoid: pd.Index) -> Ints:
    """Return the number of the group each tract shares its pace with: each county with enough tracts, and all other tracts together."""
    county = pd.Series(geoid.str[:5].to_numpy(dtype=str))
    size = county.groupby(county).transform("size")
    return np.asarray(pd.factorize(county.mask(size < LEAST_TRACTS, "small"))[0], dtype=np.int64)


def fit_area_pace(
    gain: Floats, expected: Floats, error: Floats, group: Ints
) -> tuple[Floats, Floats]:
    """Fit each group's own pace and the unit its tracts' deviations are counted in.

    Parameters
    ----------
    gain, expected
        Actual and expected progress since the start, shares.
    error
        Relative size of a tract's expected deviation.
    group
        From :func:`group_counties`.

    Returns
    -------
    offset
        What the group's robust line adds to the expected progress (Huber weights; slope drawn
        towards the season's); 0 for fewer than :data:`LEAST_TRACTS` tracts.
    unit
        Median absolute deviation of the group, in proportion to ``error``; at least 0.0005, half of
        what the published rounding hides.
    """
    offset, unit = np.zeros(len(gain)), np.full(len(gain), np.nan)
    for number in np.unique(group):
        inside = np.flatnonzero((group == number) & np.isfinite(gain) & np.isfinite(expected))
        if not len(inside):
            continue
        x, y, size = (
            expected[inside],
            gain[inside] - expected[inside],
            np.maximum(error[inside], 1e-4),
        )
        if (
            len(inside) < LEAST_TRACTS
        ):  # too few to have a pace of their own: they are held to the season's
            unit[inside] = np.maximum(size, 0.0005)
            continue
        line = _fit_line(x, y, size)
        offset[inside] = line
        relative = float(np.median(np.abs(y - line) / size))
        unit[inside] = np.maximum(relative * size, 0.0005)
    return offset, unit


def find_invitation_days(curves: Trajectories, usual_share: float) -> Floats:
    """Read from the curves on which elapsed day each tract was asked: 0 for all that started with the others.

    A tract far below ``usual_share``, the season's mean level on day 20, was not asked by mail
    (Update/Leave, whose field work may be delayed). It counts as asked on the first day by which a
    week has brought at least two points; infinite while that has not come. A start that cannot be
    seen, because the archive begins later than day 20, counts as 0.
    """
    asked = np.zeros(len(curves.geoid))
    if not curves.first_day <= LATE_DAY <= curves.last_day:
        return asked
    for row in np.flatnonzero(curves.cumulative_at(LATE_DAY) < LATE_RATIO * usual_share):
        curve = curves.cumulative_share[row]
        jumps = np.flatnonzero(curve[7:] - curve[:-7] >= ASKED_GAIN_SHARE) + 7 + curves.first_day
        later = jumps[jumps > LATE_DAY + 7]
        asked[row] = later[0] if len(later) else np.inf
    return asked


def _read_invitations(
    curves: Trajectories, season: SeasonModel, invited: "pd.Series[pd.Timestamp] | None"
) -> Floats:
    days = find_invitation_days(curves, season.mean_level(LATE_DAY))
    if invited is not None:
        told = (
            (pd.to_datetime(invited) - pd.Timestamp(curves.start))
            .dt.days.reindex(curves.geoid)
            .to_numpy(dtype=float)
        )
        days = np.where(np.isnan(told), days, np.where(told > curves.last_day, np.inf, told))
    return days


def _fit_line(x: Floats, y: Floats, size: Floats) -> Floats:
    """Robust line of ``y`` on ``x``: Huber weights, the slope penalised as by ten observations at one deviation of ``x``."""
    centre, wide = float(np.median(x)), max(float(np.std(x)), 1e-6)
    design = np.column_stack([np.ones(len(x)), (x - centre) / wide])
    weight, fit = np.ones(len(x)), np.full(len(x), np.median(y))
    for _ in range(8):
        miss = np.abs(y - fit) / size
        weight = 1.0 / np.maximum(1.0, miss / max(1.5 * float(np.median(miss)), 1e-6)) / size**2
        lean = np.diag([0.0, 10.0 * float(weight.mean())])
        fit = design @ np.linalg.solve(
            design.T @ (design * weight[:, None]) + lean, design.T @ (weight * y)
        )
    return np.asarray(fit, dtype=float)


def _events_between(season: SeasonModel, start: date, since: int, day: int) -> tuple[Event, ...]:
    shift = start - season.start
    first, last = start + timedelta(days=since), start + timedelta(days=day)
    return tuple(
        event
        for event in season.events
        if event.first + shift <= last and event.last + shift >= first
    )
