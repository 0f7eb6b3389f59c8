"""Judge the decisions of a drill by the final rates."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import asdict

import pandas as pd

from models.curves.season_file import load_season_model
from models.evaluation.drill import find_worst, judge_list
from outreach.archive import Archive
from outreach.campaign import Campaign
from outreach.errors import NothingThere
from outreach.rates import average_rate
from outreach.reports.data.drill import BoughtTract, DayResult, Drill, DrillResult, ListResult
from outreach.store import Store

_COLUMNS = [name for name in BoughtTract.model_fields if name != "geoid"]


def find_final(archive: Archive, campaign: Campaign) -> dt.date:
    """Return the last archived day of a campaign's season, whose rates count as final.

    Raises
    ------
    NothingThere
        The archive has no rates of that season.
    """
    season = load_season_model().move(campaign.census_year)
    final = archive.latest_date(campaign.codes, through=season.final)
    if final is None:
        raise NothingThere(
            f"The archive holds no rates of the season {campaign.census_year} for"
            f" {campaign.name}, and a drill replays rates that were published.",
            "Import them with 'outreach archive import'.",
        )
    return final


def judge_drill(store: Store, archive: Archive, drill: Drill) -> DrillResult:
    """Compare what was expected on each day with what came, for both lists.

    Raises
    ------
    NothingThere
        No list was bought, so there is nothing to judge.
    """
    decided = [(day, day.decision) for day in drill.days if day.decision and day.decision.own]
    if not decided:
        raise NothingThere(
            f"Nothing was bought in the drill '{drill.name}', so there is nothing to judge.",
            "Decide a day with 'outreach drill decide', or go on with 'outreach drill next'.",
        )
    campaign = drill.campaign
    date = find_final(archive, campaign)
    rates = archive.read(campaign.codes, on=date)
    final = rates["cumulative_share"].astype(float)
    households = store.read_table(drill.days[-1].run_id, "tracts")["households_count"]

    def judge(bought: Iterable[BoughtTract]) -> ListResult:
        figures = judge_list(_make_table(bought), final, campaign.goal_share)
        return ListResult(**asdict(figures))

    own = [decision.own for _, decision in decided]
    tool = [decision.tool for _, decision in decided]
    missing = households.reindex(final.index) * (1 - final)
    share = average_rate(final, households.reindex(final.index))
    return DrillResult(
        ended_at=dt.datetime.now(dt.UTC),
        final_date=date,
        final_share=None if pd.isna(share) else float(share),
        missing_count=float(missing.sum()),
        worst_fifth_count=len(find_worst(final)),
        days=tuple(
            DayResult(data_date=day.data_date, own=judge(decision.own), tool=judge(decision.tool))
            for day, decision in decided
        ),
        own=judge(tract for bought in own for tract in bought),
        tool=judge(tract for bought in tool for tract in bought),
    )


def _make_table(bought: Iterable[BoughtTract]) -> pd.DataFrame:
    """Return tracts as a table."""
    rows = [tract.model_dump() for tract in bought]
    return pd.DataFrame(rows, columns=["geoid", *_COLUMNS]).set_index("geoid")
