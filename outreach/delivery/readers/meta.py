"""Read exports of Meta's Ads Manager, broken down by day."""

import pandas as pd

from outreach.delivery.reader import ReportReader
from outreach.errors import InputError


def find_days(cells: pd.DataFrame, origin: str) -> pd.DataFrame:
    """Take the day of rows without a breakdown by day from where they start, if they end there.

    Raises
    ------
    InputError
        A row runs over several days, so its ads cannot be told by day.
    """
    if "day" in cells:
        return cells
    last = cells.get("last_day", pd.Series("", index=cells.index))
    spans = cells["first_day"] != last
    if spans.any():
        first, end = cells.loc[spans, "first_day"].iloc[0], last[spans].iloc[0] or "an unknown day"
        raise InputError(
            f"{origin}: a row runs from {first} to {end}, so its ads cannot be told by day.",
            "Export it again with the breakdown by time: Day.",
        )
    return cells.assign(day=cells["first_day"])


READER = ReportReader(
    needed=("impressions", "spend"), names=("ad_group", "campaign"), complete=find_days
)
