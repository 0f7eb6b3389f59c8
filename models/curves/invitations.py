"""Read from response curves when each tract was invited to respond."""

import numpy as np
import pandas as pd

from models.curves.season_model import SeasonModel
from models.curves.trajectory import Trajectories
from outreach.arrays import Floats

#: A tract below this share of the season's mean level on :data:`LATE_DAY` was not invited with the
#: others (ASSUMED: delivery by hand).
LATE_RATIO = 0.35
LATE_DAY = 20
#: Such a tract counts as invited from the day by which it gained this much within a week.
INVITED_GAIN_SHARE = 0.02
#: A tract is judged from so many days after its invitation on.
GRACE_DAYS = 14
_WEEK = 7


def find_invitation_days(curves: Trajectories, usual_share: float) -> Floats:
    """Find on which elapsed day each tract was invited: 0 for all that started with the others.

    A tract far below ``usual_share`` was not invited by mail (Update/Leave, whose field work may be
    delayed). It counts as invited on the first day by which a week has brought at least two points,
    and is infinite until then. A start that cannot be seen, because the archive begins after day
    20, counts as 0.

    Parameters
    ----------
    curves
        Rates of the area so far.
    usual_share
        The season's mean level on day 20.

    Returns
    -------
    array
        An elapsed day for each tract.
    """
    invited = np.zeros(len(curves.geoid))
    if not curves.first_day <= LATE_DAY <= curves.last_day:
        return invited

    for row in np.flatnonzero(curves.cumulative_at(LATE_DAY) < LATE_RATIO * usual_share):
        curve = curves.cumulative_share[row]
        gains = curve[_WEEK:] - curve[:-_WEEK]
        jumps = np.flatnonzero(gains >= INVITED_GAIN_SHARE) + _WEEK + curves.first_day
        later = jumps[jumps > LATE_DAY + _WEEK]
        invited[row] = later[0] if len(later) else np.inf
    return invited


def read_invitation_days(
    curves: Trajectories, model: SeasonModel, invited: "pd.Series[pd.Timestamp] | None"
) -> Floats:
    """Return each tract's elapsed day of invitation: as stated, or else as its curve shows.

    Parameters
    ----------
    curves
        Rates of the area so far.
    model
        A season model.
    invited
        Geoid -> stated day of invitation. A day after the last publication counts as infinite.
    """
    days = find_invitation_days(curves, model.mean_level(LATE_DAY))
    if invited is None:
        return days

    elapsed = (pd.to_datetime(invited) - pd.Timestamp(curves.start)).dt.days
    stated = elapsed.reindex(curves.geoid).to_numpy(dtype=float)
    stated_or_infinite = np.where(stated > curves.last_day, np.inf, stated)
    return np.where(np.isnan(stated), days, stated_or_infinite)
