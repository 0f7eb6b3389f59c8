"""Compare a district's pace with its goal, and estimate the chance of the goal."""

import numpy as np
import pandas as pd
from scipy.stats import norm

from outreach.reports.data.inputs import ReportView

_WEEK = 7
#: Standard deviations from the middle of a normal distribution to the ends of its central 80%.
_END80 = float(norm.ppf(0.9))


def add_pace(table: pd.DataFrame, view: ReportView) -> pd.DataFrame:
    """Add the gap to the goal, the pace, the pace that the goal needs, and the chance of the goal.

    The chance is that of a normal distribution split at the forecast, each half as wide as its side
    of the 80% range. It is missing without a forecast or after the deadline.

    Parameters
    ----------
    table
        ``cumulative_share``, ``households_count``, ``change_7_points``, ``final_share``,
        ``final_low80_share``, ``final_high80_share``.
    view
        For the goal and the deadline.

    Returns
    -------
    DataFrame
        ``table`` with ``gap_points``, ``needed_daily_count``, ``current_daily_count`` and
        ``chance_share``.
    """
    goal = view.goal_share
    gap = (goal - table["cumulative_share"]).clip(lower=0)
    days_left = view.days_left or np.nan

    # The side of the range that the goal lies on sets the spread.
    middle = table["final_share"]
    above, below = table["final_high80_share"] - middle, middle - table["final_low80_share"]
    side = above.where(goal >= middle, below).clip(lower=1e-9)
    chance = pd.Series(norm.sf((goal - middle) / side * _END80), index=table.index)
    chance = chance.where(middle.notna() & (view.days_left > 0))

    return table.assign(
        gap_points=goal - table["cumulative_share"],
        needed_daily_count=gap * table["households_count"] / days_left,
        current_daily_count=table[f"change_{_WEEK}_points"] * table["households_count"] / _WEEK,
        chance_share=chance.mask((gap == 0) & chance.notna(), 1.0),
    )
