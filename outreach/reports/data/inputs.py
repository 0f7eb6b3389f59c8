"""Hold everything a set of reports shows: tables, districts and dates."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from outreach.catalog import Words, read_words
from outreach.rates import CENSUS_DAY, AreaErrors
from outreach.reports.data.city_series import CitySeries
from outreach.reports.data.sites import ReportSites
from outreach.tables import (
    Crosswalk,
    DataFrame,
    DistrictFigures,
    DistrictShapes,
    GeoDataFrame,
    ResponseRates,
    Scores,
    Targets,
    TractActivity,
    Tracts,
)


@dataclass(frozen=True, slots=True)
class EarlierReport:
    """The last report before this one.

    Parameters
    ----------
    data_date
        Its data date.
    table
        Its figures by district.
    """

    data_date: dt.date
    table: DataFrame[DistrictFigures]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportView:
    """What one set of reports shows.

    Parameters
    ----------
    title
        Name of the campaign.
    kind
        What the districts are, in the planner's words: ``Ward``.
    data_date, deadline
        The Bureau's cut-off date of the rates, and the last day of the campaign.
    goal_share
        The planner's goal, 0-1; never a forecast.
    census_year
        The census whose rates these are.
    tracts
        All tracts, EPSG:4326.
    scores
        Their scores; ``final_share``, ``final_low80_share``, ``final_high80_share`` and
        ``peer_share`` are shown if they are there.
    districts
        The districts to report by.
    crosswalk
        From the tracts to the districts; the reports use this one.
    other_crosswalks
        Other ways to split the tracts, by name, to show the error of the split.
    history
        Rates history of the season.
    targets
        The target list, for the planned budget.
    activity
        What partners did by the data date, by tract; ``None`` without a log, and for a public view
        unless the campaign publishes it.
    earlier
        The last report, if there was one.
    test_until
        Last day of the ads of a test with a comparison group; ``None`` without one.
    notes
        Sentences about the sources that a reader should know.
    coming_census
        For a plan, the census that has not begun; ``None`` in a season.
    area_errors
        For a plan, how far areas miss as one event; ``None`` in a season, or where it is not known.
    hidden_count
        For public pages, how many tracts have hidden counts because they are small; ``None`` for
        pages of the team.
    public_columns
        Columns of the tracts that the campaign brings itself and lets be published, with what they
        mean.
    series
        Figures of the campaign's own over time; their columns are in the tracts.
    sites
        Places where people get help; ``None`` where the campaign has none.
    """

    title: str
    kind: str
    data_date: dt.date
    deadline: dt.date
    goal_share: float
    census_year: int
    tracts: GeoDataFrame[Tracts]
    scores: DataFrame[Scores]
    districts: GeoDataFrame[DistrictShapes]
    crosswalk: DataFrame[Crosswalk]
    other_crosswalks: dict[str, DataFrame[Crosswalk]] = field(default_factory=dict)
    history: DataFrame[ResponseRates] | None = None
    targets: DataFrame[Targets] | None = None
    activity: DataFrame[TractActivity] | None = None
    earlier: EarlierReport | None = None
    test_until: dt.date | None = None
    notes: tuple[str, ...] = ()
    coming_census: int | None = None
    area_errors: AreaErrors | None = None
    hidden_count: int | None = None
    public_columns: Mapping[str, str] = field(default_factory=dict)
    series: tuple[CitySeries, ...] = ()
    sites: ReportSites | None = None

    @property
    def days_left(self) -> int:
        """Days from the data date to the deadline, 0 after it; for a plan, of the season to come.

        A season counts from its Census Day.
        """
        first = self.data_date
        if self.coming_census is not None:
            first = max(first, dt.date(self.coming_census, *CENSUS_DAY))
        return max((self.deadline - first).days, 0)

    @property
    def past_census(self) -> int:
        """The census whose final rates are shown beside: that of 2010, or of 2020 for a plan."""
        return 2010 if self.coming_census is None else self.coming_census - 10

    @property
    def past_column(self) -> str:
        """The column that stands in the tables of a plan for the change of 7 days; else empty."""
        return "" if self.coming_census is None else f"final_{self.past_census}_share"

    def read_words(self, code: str) -> Words:
        """Return the catalog of a language, with the words of a plan if this is one."""
        words = read_words(code)
        if self.coming_census is None:
            return words
        return words.plan(self.coming_census, self.coming_census - 10)

    @property
    def is_public(self) -> bool:
        """Whether pages are for everybody: without priorities, targets, budgets and advice."""
        return self.hidden_count is not None
