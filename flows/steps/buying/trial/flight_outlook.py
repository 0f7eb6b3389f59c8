"""Scale what past windows say of a test to the season that its flight will meet.

The scatter of units changes by factors within a season, so a window just before the flight misleads
where the season turns. What the same weeks of a past season let expect, and a part of what the area
departed from it before, is a better guide, but no exact one: docs/scores.md has the figures.
"""

import datetime as dt
import math

import pandas as pd

from models.trial.season_spread import SeasonSpread, measure_log_spread
from outreach.evidence import Fact, Status
from outreach.phrasing import write_date, write_percent
from outreach.units import UnitKind

#: Part of the ads that reaches the people of the targeted ZIP.
DELIVERED: Fact[float] = Fact(
    value=0.59,
    status=Status.THIRD_PARTY,
    source="Bandy and Hecht (2021): 41% of those who clicked ads for a ZIP were outside it",
)
#: Limits of the scaling.
_LEAST_RATIO, _MOST_RATIO = 0.1, 10.0
#: A window is quiet if a test there finds effects of at most this part.
_QUIET = 0.6
_WEEK = 7
#: What scatters as tracts do; all other units are larger.
_SPREAD_KINDS = {UnitKind.TRACT.value: "tract"}


def scale_power(
    power: pd.DataFrame | None,
    spread: SeasonSpread,
    unit_rates: pd.DataFrame,
    unit_kind: str,
    start: dt.date,
) -> pd.DataFrame | None:
    """Add to the table of power what its designs can detect in flights from a date on.

    Parameters
    ----------
    power
        From :func:`models.trial.power.tabulate_power`; ``None`` stays ``None``.
    spread
        How far units scatter in a season, moved to the census of the flight.
    unit_rates
        The history that the table was made from.
    unit_kind
        Kind of the units, such as ``zip``.
    start
        First day of the flight.

    Returns
    -------
    DataFrame or None
        With ``spread_ratio`` (scatter foreseen in the flight over that in the window; 1 where the
        season does not cover both), ``flight_mde_share``, its 80% range ``flight_mde_low_share`` to
        ``flight_mde_high_share`` (missing where nothing is foreseen), and ``delivered_mde_share``,
        which holds if only :data:`DELIVERED` of the ads reach their own unit.
    """
    if power is None:
        return None
    kind = name_spread_kind(unit_kind)
    logs, misses = [], []
    for weeks, first, last in zip(power["weeks"], power["start"], power["end"], strict=True):
        past, flight = (
            (first.date(), last.date()),
            (start, start + dt.timedelta(days=_WEEK * int(weeks))),
        )
        own = measure_log_spread(unit_rates, *past)
        logs.append(spread.foresee(kind, past, own, flight) - own)
        misses.append(spread.expect_miss(kind, *flight))

    outlook = pd.DataFrame({"log": logs, "miss": misses}, index=power.index).astype(float)
    ratio = outlook["log"].map(math.exp).clip(_LEAST_RATIO, _MOST_RATIO)
    miss = outlook["miss"].where(ratio.notna()).map(math.exp)
    scaled = power["mde_share"] * ratio.fillna(1.0)
    return power.assign(
        spread_ratio=ratio.fillna(1.0),
        flight_mde_share=scaled,
        flight_mde_low_share=scaled / miss,
        flight_mde_high_share=scaled * miss,
        delivered_mde_share=scaled / DELIVERED.value,
    )


def name_spread_kind(unit_kind: str) -> str:
    """Return how units of a kind scatter: as tracts, or as groups of tracts."""
    return _SPREAD_KINDS.get(unit_kind, "group")


def name_quiet_window(
    spread: SeasonSpread, unit_kind: str, start: dt.date, end: dt.date, deadline: dt.date
) -> str:
    """Name the quietest window from a flight's start to the deadline, in which a test finds more.

    Empty if the flight itself is about as quiet, or the season does not cover it.
    """
    kind, length = name_spread_kind(unit_kind), end - start
    own = spread.expect(kind, start, end)
    starts = pd.date_range(start, max(start, deadline - length)).date
    expected = {day: spread.expect(kind, day, day + length) for day in starts}
    expected = {day: value for day, value in expected.items() if math.isfinite(value)}
    if not expected or not math.isfinite(own):
        return ""
    quiet = min(expected, key=expected.__getitem__)
    part = math.exp(expected[quiet] - own)
    if part > _QUIET:
        return ""
    return (
        f"The quietest days for a flight of this length begin on {write_date(quiet)}: if the season"
        f" of {spread.name} repeats itself, a test then finds effects {write_percent(part)} as"
        " large as in this flight."
    )
