"""Open a day of a drill, and take the decision of a trainee."""

import datetime as dt
from dataclasses import replace
from typing import Literal

import pandas as pd

from flows.steps.buying.list_rules import read_list_rules
from models.evaluation.drill import ListChoice, buy_list
from outreach.archive import Archive
from outreach.campaign import Campaign
from outreach.errors import CampaignError, InputError, NothingThere, StoreError
from outreach.phrasing import write_date, write_dollars
from outreach.reports.data.drill import (
    BoughtTract,
    Drill,
    DrillDay,
    DrillDecision,
    OfferedList,
)
from outreach.store import Run, Store
from outreach.tables import DataFrame, RatedTracts, as_table

#: What a run must share with a drill's campaign to show its days; other keys move no figure here.
_SAME = (
    "goal_percent",
    "deadline",
    "budget_usd",
    "objective",
    "cpm_usd",
    "fee_percent",
    "impressions_per_household",
    "creative_languages",
)


def choose_days(
    archive: Archive,
    campaign: Campaign,
    final: dt.date,
    first: dt.date | None,
    last: dt.date | None,
    every: int,
) -> tuple[dt.date, ...]:
    """Choose the archived data dates of a drill.

    Parameters
    ----------
    archive, campaign
        The ledger, and whose areas count.
    final
        The data date whose rates count as final; a drill's days come before it.
    first, last
        Limits; by default the first archived day and the campaign's deadline.
    every
        Least number of days from one to the next.

    Raises
    ------
    CampaignError
        The period ends before it begins.
    NothingThere
        The archive has no day of the period before the final one.
    """
    last = last or campaign.deadline
    if first and last < first:
        raise CampaignError(
            f"The drill ends on {write_date(last)}, before it begins on {write_date(first)}.",
            "Choose another first or last day.",
        )
    days: list[dt.date] = []
    for day in archive.data_dates(campaign.codes):
        is_inside = (first is None or day >= first) and day <= last and day < final
        if is_inside and (not days or (day - days[-1]).days >= every):
            days.append(day)
    if not days:
        raise NothingThere(
            f"The archive has no data date for this drill of {campaign.name} before"
            f" {write_date(final)}, whose rates count as final.",
            "'outreach archive status' lists the archived dates.",
        )
    return tuple(days)


def find_day_run(store: Store, campaign: Campaign, day: dt.date) -> Run | None:
    """Return the run that was made last of a campaign's day; ``None`` where there is none.

    A run of another budget, goal, or area does not count.
    """
    for run in store.runs(campaign.slug):
        is_same = all(getattr(run.campaign, key) == getattr(campaign, key) for key in _SAME)
        if run.data_date == day and is_same and run.campaign.areas == campaign.areas:
            return run
    return None


def describe_day(store: Store, run: Run, drill: Drill) -> DrillDay:
    """Return what was known on the day of a run, and what each list would hold for the money.

    A tract that was bought on an earlier day of the drill is on none of them.
    """
    left_usd = drill.left_usd
    tracts = _leave_out(_read_tracts(store, run), _find_bought(drill, "own"))
    rules = replace(read_list_rules(run.campaign), budget_usd=left_usd)
    offers = []
    for choice in ListChoice:
        if choice == ListChoice.WAIT:
            continue
        bought = buy_list(tracts, choice, rules)
        missing = bought["households_count"] * (1 - bought["expected_share"])
        offers.append(
            OfferedList(
                choice=choice.value,
                tracts_count=len(bought),
                households_count=float(bought["households_count"].sum()),
                cost_usd=float(bought["cost_usd"].sum()),
                expected_missing_count=float(missing.sum()),
            )
        )
    return DrillDay(
        data_date=run.data_date,
        run_id=run.id,
        tracts_count=int(run.counts["rated"]),
        rate_share=run.figures.get("rate_by_households_share"),
        forecast_share=run.figures.get("forecast_by_households_share"),
        left_usd=left_usd,
        offers=tuple(offers),
    )


def decide(
    store: Store,
    drill: Drill,
    choice: ListChoice,
    money_usd: float | None,
    by: str,
    reason: str,
) -> DrillDecision:
    """Buy the list that a trainee chose for the open day, and the tool's for the same money.

    Neither has a tract that the same side bought on an earlier day, nor spends more than the budget
    in all.

    Raises
    ------
    InputError
        A name or a reason is missing, there is not so much money, or it buys no tract.
    StoreError
        The day was decided before, or its run is gone or damaged.
    """
    day = drill.days[-1]
    if day.decision is not None:
        raise StoreError(
            f"{day.decision.by} has decided {write_date(day.data_date)} already.",
            "A decision of a drill is final, as in a season. Go on with 'outreach drill next'.",
        )
    if not by.strip() or not reason.strip():
        raise InputError("A decision needs a name and a reason.", "Give both: --by and --reason.")
    money_usd = drill.left_usd if money_usd is None else money_usd
    if choice == ListChoice.WAIT:
        money_usd = 0.0
    if money_usd > drill.left_usd:
        raise InputError(
            f"{write_dollars(money_usd)} is more than the {write_dollars(drill.left_usd)} left.",
            "Spend less, or wait.",
        )

    run, _ = store.find(day.run_id)
    tracts = _read_tracts(store, run)
    rules = replace(read_list_rules(run.campaign), budget_usd=money_usd)
    own = buy_list(_leave_out(tracts, _find_bought(drill, "own")), choice, rules)
    rest = _leave_out(tracts, _find_bought(drill, "tool"))
    same = replace(rules, budget_usd=min(money_usd, drill.left_to_tool_usd))
    if own.empty and choice != ListChoice.WAIT:
        raise InputError(
            f"{write_dollars(money_usd)} buys no tract of this list.",
            "Spend more, choose another list, or wait.",
        )
    return DrillDecision(
        choice=choice.value,
        money_usd=money_usd,
        by=by.strip(),
        reason=reason.strip(),
        decided_at=dt.datetime.now(dt.UTC),
        own=_list_bought(own),
        tool=_list_bought(buy_list(rest, ListChoice.TOOL, same)),
    )


def _read_tracts(store: Store, run: Run) -> DataFrame[RatedTracts]:
    """Return the tracts of a run with the columns of their scores."""
    tracts, scores = store.read_table(run.id, "tracts"), store.read_table(run.id, "scores")
    if "priority" not in scores or "households_count" not in tracts:
        raise NothingThere(
            f"The run {run.id} has no priority, because no source counts households there.",
            "A drill needs a place and vintages with predictors.",
        )
    own = scores.columns.difference(tracts.columns)
    return as_table(tracts.join(scores[own], how="inner", validate="one_to_one"), RatedTracts)


def _find_bought(drill: Drill, side: Literal["own", "tool"]) -> set[str]:
    """Return the tracts that a side bought so far."""
    decisions = [day.decision for day in drill.days if day.decision]
    return {tract.geoid for decision in decisions for tract in getattr(decision, side)}


def _leave_out(tracts: DataFrame[RatedTracts], bought: set[str]) -> DataFrame[RatedTracts]:
    """Return the tracts that are not bought yet."""
    return as_table(tracts[~tracts.index.isin(bought)], RatedTracts)


def _list_bought(bought: pd.DataFrame) -> tuple[BoughtTract, ...]:
    """Return a list as it is kept."""
    rows = bought.reset_index().to_dict("records")
    return tuple(BoughtTract.model_validate(row) for row in rows)
