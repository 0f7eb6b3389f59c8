"""Hold what the pack of a complete count committee shows besides the figures of its reports."""

from dataclasses import dataclass, field
from typing import Any, cast

import pandas as pd

from outreach.reports.data.inputs import ReportView
from outreach.reports.data.metrics import Figures

#: Stands for all districts together where tables name districts. No id has blanks at its ends.
WHOLE = " all "
#: What is shown of the people of a district, in order.
PEOPLE = ("hard_to_count", "renters", "offline", "little_english", "under_five", "group_quarters")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One source of a run.

    Parameters
    ----------
    name
        As the run's record has it.
    vintage
        Year of its figures; empty where it has none.
    """

    name: str
    vintage: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Committee:
    """What a pack shows.

    Tables by district have the district's id in the index, and :data:`WHOLE` for all of them
    together.

    Parameters
    ----------
    view, figures
        As the reports of the same run have them.
    people
        By district: a share (0-1) for each of :data:`PEOPLE` and of ``own``, missing where no
        source has it.
    languages
        A row is a district and a language: ``district``, ``code`` (of ISO 639-1, or ``other``),
        ``households_count`` that speak little English, ``is_creative`` (there are ads in it).
    reach
        A row is a district, scenario, channel, and language: ``district``, ``scenario``,
        ``need_share``, ``channel`` (``ads``, ``phone``, ``paper``, ``door``), ``code`` (as above,
        or ``creative`` for the languages of the ads), ``missing_households_count``,
        ``homes_count``, ``cost_usd``. Empty where no source counts households.
    teams
        A row is a district and scenario: ``district``, ``scenario``, ``need_share``, sums as in
        ``reach``, ``hours_count``, ``staff_count``, ``partners_count``, and homes and money of each
        channel as ``<channel>_homes_count`` and ``<channel>_usd``.
    tracts
        By ``geoid``: ``rank`` (1 first), ``hard_to_count_class``, ``channel``, and ``code`` of the
        language, each empty or missing where it is unknown.
    prices
        What a contact is assumed to cost, by name of the key in the campaign.
    sources
        What went into the run.
    run_id
        The run.
    own
        The shares that the campaign brings itself: column, and what people call it.
    headings
        What stands above shares of ``own`` that belong together, the classes of one column of
        words: column, and what people call the whole.
    """

    view: ReportView
    figures: Figures
    people: pd.DataFrame
    languages: pd.DataFrame
    reach: pd.DataFrame
    teams: pd.DataFrame
    tracts: pd.DataFrame
    prices: dict[str, float]
    sources: tuple[Source, ...]
    run_id: str
    own: dict[str, str]
    headings: dict[str, str] = field(default_factory=dict)

    def row(self, district: str) -> "pd.Series[Any]":
        """Return the figures that the reports have of a district, or of :data:`WHOLE`."""
        return self.figures.row(None if district == WHOLE else district)

    def expect(self, district: str) -> "pd.Series[Any]":
        """Return what to expect of a district (:data:`WHOLE` for all together).

        Returns
        -------
        Series
            ``rate_share``, ``low_share``, ``high_share``, ``past_share`` (the last census),
            ``households_count``, ``missing_count``, ``missing_low_count``, ``missing_high_count``;
            each missing where it is unknown. Without a forecast the rate is that of today.
        """
        row = self.row(district)
        households = row["households_count"]
        rate = row["final_share"] if pd.notna(row["final_share"]) else row["cumulative_share"]
        low, high = row["final_low80_share"], row["final_high80_share"]
        return pd.Series(
            {
                "rate_share": rate,
                "low_share": low,
                "high_share": high,
                "past_share": row[f"final_{self.view.past_census}_share"],
                "households_count": households,
                "missing_count": households * (1 - rate),
                "missing_low_count": households * (1 - high),
                "missing_high_count": households * (1 - low),
            },
            dtype=float,
        )

    def share(self, district: str, name: str) -> float:
        """Return a column of ``people`` of a district, 0-1; missing where no source has it."""
        return float(self.people[name].to_dict()[district])

    def list_needed(self, district: str) -> list[dict[str, Any]]:
        """Return the scenarios of a district, the least need first."""
        own = self.teams[self.teams["district"] == district].sort_values("need_share")
        return cast("list[dict[str, Any]]", own.to_dict("records"))
