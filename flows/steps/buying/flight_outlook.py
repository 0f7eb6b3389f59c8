"""Scale what past windows say of a test to the growth expected in its flight.

The spread of tracts rises and falls with the growth of a season, so a window just before the flight
misleads where the season turns. In Chicago in 2020 (50 ZIPs, 28 days) the smallest effect that a
test could find was 0.38, 0.08, 0.36, and 0.33 points in windows from May 4, June 16, July 14, and
August 11. Each window alone misjudges the next by factors of 4.8, 0.2, and 1.1. Scaled by the
growth that the season model expects, the factors are 0.8, 0.5, and 1.4.
"""

import datetime as dt

import numpy as np
import pandas as pd

from models.curves.season_model import SeasonModel
from outreach.evidence import Fact, Status
from outreach.phrasing import write_date, write_points

#: Part of the ads that reaches the people of the targeted ZIP.
DELIVERED: Fact[float] = Fact(
    value=0.59,
    status=Status.THIRD_PARTY,
    source="Bandy and Hecht (2021): 41% of those who clicked ads for a ZIP were outside it",
)
#: Limits of the scaling: rounded rates spread even where nothing grows.
_LEAST_RATIO, _MOST_RATIO = 0.2, 5.0
#: A window is quiet if a test there finds effects of at most this part.
_QUIET = 0.6
_WEEK = 7


def scale_power(
    power: pd.DataFrame | None, season: SeasonModel, start: dt.date
) -> pd.DataFrame | None:
    """Add to the table of power what its designs can detect in flights from a date on.

    Parameters
    ----------
    power
        From :func:`models.trial.power.tabulate_power`; ``None`` stays ``None``.
    season
        The season model, moved to the census of the flight.
    start
        First day of the flight.

    Returns
    -------
    DataFrame or None
        With ``growth_ratio`` (growth expected in the flight over that in the window; 1 where the
        season model does not cover both), ``flight_mde_share``, and ``delivered_mde_share``, which
        holds if only :data:`DELIVERED` of the ads reach their own unit.
    """
    if power is None:
        return None
    ratios = []
    for weeks, first, last in zip(power["weeks"], power["start"], power["end"], strict=True):
        end = start + dt.timedelta(days=_WEEK * int(weeks))
        then, now = (
            expect_growth(season, first.date(), last.date()),
            expect_growth(season, start, end),
        )
        ratio = now / then if then > 0 and now > 0 else 1.0
        ratios.append(min(max(ratio, _LEAST_RATIO), _MOST_RATIO))
    scaled = power["mde_share"] * ratios
    return power.assign(
        growth_ratio=ratios, flight_mde_share=scaled, delivered_mde_share=scaled / DELIVERED.value
    )


def expect_growth(season: SeasonModel, start: dt.date, end: dt.date) -> float:
    """Return the mean growth (share, 0-1) that a season model expects between two dates.

    0 where the model does not cover both.
    """
    days = [(date - season.start).days for date in (start, end)]
    if days[0] < season.days[0] or days[1] > season.days[-1]:
        return 0.0
    left = np.interp(days, season.days, season.growth_mean)
    return float(left[0] - left[1])


def name_quiet_window(season: SeasonModel, start: dt.date, end: dt.date, deadline: dt.date) -> str:
    """Name the quietest window from a flight's start to the deadline, in which a test finds more.

    Empty if the flight itself is about as quiet, or the season model does not cover it.
    """
    own, length = expect_growth(season, start, end), end - start
    starts = pd.date_range(start, max(start, deadline - length)).date
    growth = {day: expect_growth(season, day, day + length) for day in starts}
    growth = {day: value for day, value in growth.items() if value > 0}
    if not growth or own <= 0:
        return ""
    quiet = min(growth, key=growth.__getitem__)
    if growth[quiet] > _QUIET * own:
        return ""
    return (
        f"The quietest days for a flight of this length begin on {write_date(quiet)}: by the season"
        f" of {season.name}, growth is {write_points(growth[quiet], 1)} then, against"
        f" {write_points(own, 1)} in this flight, and a test finds smaller effects in quiet days."
    )
