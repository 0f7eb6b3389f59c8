"""Sum up what partners did in a district, by week and kind."""

import datetime as dt
from dataclasses import dataclass

import pandas as pd

from outreach.reports.data.inputs import ReportView

#: Public pages leave out a week of a kind with fewer contacts.
LEAST_PUBLIC = 10


@dataclass(frozen=True, slots=True)
class DistrictActivity:
    """What partners did in one district by the data date.

    Parameters
    ----------
    weeks
        Contacts: a row for each week by its Monday, a column for each kind that anybody logged
        there.
    organizations
        Who logged them, in the order of the alphabet.
    first, last
        The first and the last day of the log there.
    """

    weeks: pd.DataFrame
    organizations: tuple[str, ...]
    first: dt.date
    last: dt.date


def sum_activity(view: ReportView, district: str) -> DistrictActivity | None:
    """Return what partners did in a district; ``None`` where nobody logged anything.

    Contacts of a tract that several districts share are divided as its households are. For a public
    view, a week of a kind with fewer than :data:`LEAST_PUBLIC` contacts is left out.

    Parameters
    ----------
    view
        With partners' logs by tract in ``activity``.
    district
        Its id.
    """
    if view.activity is None:
        return None
    inside = view.crosswalk.loc[view.crosswalk["target"] == district].set_index("source")["weight"]
    rows = view.activity[view.activity.index.isin(inside.index)]
    counts = rows["contacts_count"] * inside.reindex(rows.index).to_numpy()
    mondays = rows["day"] - pd.to_timedelta(rows["day"].dt.day_of_week, unit="D")
    rows = rows.assign(week=mondays, contacts_count=counts)[(counts > 0).to_numpy()]
    if view.is_public:
        sums = rows.groupby(["week", "kind"])["contacts_count"].transform("sum")
        rows = rows[(sums >= LEAST_PUBLIC).to_numpy()]
    if rows.empty:
        return None

    weeks = rows.pivot_table(
        values="contacts_count", index="week", columns="kind", aggfunc="sum", fill_value=0.0
    ).astype(float)
    return DistrictActivity(
        weeks,
        tuple(sorted(set(rows["organization"]))),
        rows["day"].min().date(),
        rows["day"].max().date(),
    )
