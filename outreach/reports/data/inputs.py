"""Everything that a set of district reports is made of: the tables of a run, the districts, and the words around them."""

import datetime as dt
from dataclasses import dataclass, field

import geopandas as gpd
import pandas as pd


@dataclass(frozen=True, slots=True)
class Earlier:
    """The last report before this one.

    Parameters
    ----------
    data_date
        Its data date.
    table
        Its ``table`` of :class:`outreach.reports.data.metrics.Figures`.
    """

    data_date: dt.date
    table: pd.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportView:
    """What one set of reports shows.

    Parameters
    ----------
    title
        The campaign's name.
    kind
        What the districts are, in the planner's words: ``Ward``.
    data_date, deadline
        The Bureau's cut-off date of the rates, and the campaign's last day.
    goal_share
        The planner's goal, 0-1; never a forecast.
    source
        Who published the rates, in one sentence.
    tracts
        :class:`outreach.tables.Tracts`, EPSG:4326.
    scores
        :class:`outreach.tables.Scores`; ``final_share``, ``final_low80_share``,
        ``final_high80_share`` and ``expected_share`` are shown if there.
    districts
        Index ``district_id``, column ``name``, geometry (EPSG:4326).
    crosswalk
        :class:`outreach.tables.Crosswalk` from the tracts to the districts, the one reported by.
    other_crosswalks
        Ways to split the tracts otherwise, by name, for the error of allocation.
    history
        :class:`outreach.tables.ResponseRates` of the season.
    targets
        :class:`outreach.tables.Targets`, for the money planned.
    earlier
        The last report, if there was one.
    test_until
        Last day of the ads of a test with a comparison group; ``None`` without one.
    notes
        Sentences about the sources that a reader should know.
    hidden_count
        For pages that anybody may read, the tracts whose counts are hidden because they are small;
        ``None`` for pages of the team's own.
    """

    title: str
    kind: str
    data_date: dt.date
    deadline: dt.date
    goal_share: float
    source: str
    tracts: gpd.GeoDataFrame
    scores: pd.DataFrame
    districts: gpd.GeoDataFrame
    crosswalk: pd.DataFrame
    other_crosswalks: dict[str, pd.DataFrame] = field(default_factory=dict)
    history: pd.DataFrame | None = None
    targets: pd.DataFrame | None = None
    earlier: Earlier | None = None
    test_until: dt.date | None = None
    notes: tuple[str, ...] = ()
    hidden_count: int | None = None

    @property
    def days_left(self) -> int:
        """Days from the data date to the deadline, 0 when it is over."""
        return max((self.deadline - self.data_date).days, 0)
