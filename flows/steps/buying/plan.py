"""Plan what to buy: units, the arms of a test, and a split budget."""

import datetime as dt
import math
from dataclasses import dataclass, replace

import pandas as pd

from flows.steps.buying.budget import SplitBudget, split_budget
from flows.steps.buying.cover import cover_targets
from flows.steps.buying.fees import complete_money
from flows.steps.buying.floors import group_tracts, price_floors
from flows.steps.buying.languages import share_languages
from flows.steps.buying.list_rules import read_list_rules, read_price
from flows.steps.buying.previous_run import PreviousList, RunningTest, describe_borderline
from flows.steps.buying.saturation import warn_saturation
from flows.steps.buying.trial.arms import draw_arms, keep_arms
from flows.steps.buying.trial.idle import explain_idle
from flows.steps.buying.trial.kept_test import keep_units, settle_campaign
from flows.steps.buying.trial.sentences import describe_power
from flows.steps.notes import Notes
from flows.steps.sources.districts import DividedKinds
from geo.cover.compare import describe_comparison
from geo.cover.covering import count_households
from geo.cover.target_rows import make_targets
from geo.footprint import average_members, draw_footprints, weigh_members
from models.targeting.selection import choose_targets, find_cutoff_rank
from models.trial.plan import TrialPlan
from outreach.campaign import Campaign
from outreach.phrasing import write_date
from outreach.rates import average_rate, pivot_rates
from outreach.tables import (
    Crosswalk,
    DataFrame,
    GeoDataFrame,
    ResponseRates,
    Scores,
    Targets,
    Tracts,
    as_table,
)

#: Columns of the scores that units are matched on or split by, and their names here.
_TRAITS = {
    "final_share": "forecast_share",
    "growth_per_week_share": "pace_share",
    "addressable_share": "addressable_share",
    "persuadable_share": "persuadable_share",
}
#: A data date counts if at least this share of the units' tracts has a rate.
_RATED_SHARE = 0.95


@dataclass(frozen=True)
class TargetPlan:
    """What is bought, and how it was decided.

    Attributes
    ----------
    targets
        What is bought, with arms and budgets.
    chosen
        The tracts that the targets were chosen for. ``why`` says what the previous list decided.
    previous_run_id
        The run whose list this one follows; empty if it follows none.
    borderline
        Tracts that the previous list keeps on the list or off it
        (:func:`flows.steps.buying.previous_run.describe_borderline`).
    floor_groups
        By ``geoid``, the language or district whose floor a tract counts toward.
    members
        How much of each tract lies in each target (:func:`geo.footprint.weigh_members`); ``None``
        if nothing is bought.
    comparison
        ZIPs, pins, and polygons side by side (:func:`geo.cover.compare.compare_units`); ``None``
        for tracts.
    curve
        Coverage against purity of the best ZIP sets; ``None`` unless ZIPs are requested.
    budget
        The split budget with its certificate; ``None`` if nothing is bought.
    trial
        The dated plan of the test; ``None`` without a holdout.
    power
        The effects that the test could detect; ``None`` without a holdout or a past season.
    """

    targets: DataFrame[Targets]
    chosen: DataFrame[Targets]
    previous_run_id: str = ""
    borderline: pd.DataFrame | None = None
    floor_groups: "pd.Series[str] | None" = None
    members: pd.DataFrame | None = None
    comparison: pd.DataFrame | None = None
    curve: pd.DataFrame | None = None
    budget: SplitBudget | None = None
    trial: TrialPlan | None = None
    power: pd.DataFrame | None = None


def plan_targets(
    tracts: GeoDataFrame[Tracts],
    scores: DataFrame[Scores],
    campaign: Campaign,
    divided: DividedKinds,
    notes: Notes,
    *,
    history: DataFrame[ResponseRates] | None = None,
    previous: PreviousList | None = None,
    test: RunningTest | None = None,
) -> TargetPlan:
    """Choose tracts by priority, cover them with units, draw the arms, and split the budget.

    Parameters
    ----------
    tracts, scores
        The tracts under consideration and their scores.
    campaign
        What is requested.
    divided
        The districts of the run, and the machine that reads their files and those of ZIPs.
    notes
        Gets a sentence for each decision.
    history
        Rates of the tracts so far, to compute what effect a test could detect.
    previous
        The list that borderline tracts follow.
    test
        The approved test of the flight, whose units and arms are kept.

    Raises
    ------
    GeographyError
        The requested coverage cannot be reached, or the ZIP file cannot be used.
    CampaignError
        A floor is for a language or district that does not occur.
    ModelError
        There are too few units for the holdout, or a floor cannot be met.
    """
    campaign = settle_campaign(campaign, test, scores["data_date"].max().date(), notes)
    plan = _plan_purchase(tracts, scores, campaign, divided, notes, history, previous, test)
    funded = complete_money(plan.targets, campaign)
    return replace(plan, targets=share_languages(funded, plan.members, tracts, campaign))


def _plan_purchase(
    tracts: GeoDataFrame[Tracts],
    scores: DataFrame[Scores],
    campaign: Campaign,
    divided: DividedKinds,
    notes: Notes,
    history: DataFrame[ResponseRates] | None,
    previous: PreviousList | None,
    test: RunningTest | None,
) -> TargetPlan:
    """Plan as :func:`plan_targets` does, the money with fees."""
    # Choose tracts, unless the time for ads is over.
    groups = group_tracts(tracts, campaign, divided)
    plan = _choose_tracts(tracts, scores, campaign, groups, previous, notes)
    if past := describe_passed(campaign, scores["data_date"].max().date()):
        notes.add(past)
        nothing = as_table(plan.chosen.iloc[:0], Targets)
        return replace(plan, targets=nothing, chosen=nothing, borderline=None)
    if plan.chosen.empty:
        return plan

    # Cover the tracts with the requested units, and describe the units by their tracts.
    plan, crosswalk = _cover_tracts(plan, tracts, scores, campaign, divided, notes)
    if test is not None:
        plan = replace(plan, targets=keep_units(plan.targets, test, tracts, scores, crosswalk))
    members = weigh_members(plan.targets, tracts, crosswalk)
    traits = _describe_units(members, tracts, scores, plan)

    if campaign.holdout.percent:
        unit_rates = _average_history(members, tracts, history)
        footprints = draw_footprints(plan.targets, tracts, members)
        arms = (
            keep_arms(plan.targets, test, tracts, members, notes)
            if test is not None
            else draw_arms(plan.targets, traits, unit_rates, footprints, campaign, notes)
        )
        plan = replace(plan, targets=arms.units, trial=arms.plan, power=arms.power)

    budget = split_budget(plan.targets, traits, campaign)
    notes.add(
        budget.allocation.summary(),
        explain_idle(budget.targets, campaign),
        warn_saturation(budget.saturation, campaign),
    )
    if plan.trial is not None and test is None:
        notes.add(describe_power(plan.trial, budget.targets, plan.power))
    return replace(plan, targets=budget.targets, members=members, budget=budget)


def describe_passed(campaign: Campaign, data_date: dt.date) -> str:
    """Say that the time for ads is over, so that nothing is bought; empty if it is not."""
    if campaign.flight is not None and campaign.flight.end < data_date:
        over = f"The flight ended on {write_date(campaign.flight.end)}"
    elif campaign.deadline < data_date:
        over = f"The deadline was {write_date(campaign.deadline)}"
    else:
        return ""
    return (
        f"{over}, before the data of {write_date(data_date)}, so nothing is bought. Set a later"
        " date to plan another flight."
    )


def _choose_tracts(
    tracts: GeoDataFrame[Tracts],
    scores: DataFrame[Scores],
    campaign: Campaign,
    groups: "pd.Series[str] | None",
    previous: PreviousList | None,
    notes: Notes,
) -> TargetPlan:
    """Choose the tracts; borderline ones stay as they were on the previous list."""
    rules = read_list_rules(campaign)
    floors = None if groups is None else (groups, price_floors(campaign))
    if previous is None:
        chosen = choose_targets(tracts, scores, rules, floors=floors)
        return TargetPlan(chosen, chosen, floor_groups=groups)

    plain = choose_targets(tracts, scores, rules, floors=floors)
    following = choose_targets(tracts, scores, rules, previous.tracts, floors)
    cutoff_rank = find_cutoff_rank(tracts, scores, rules)
    chosen, borderline = describe_borderline(following, plain, scores, cutoff_rank, previous, notes)
    return TargetPlan(chosen, chosen, previous.run_id, borderline, groups)


def _cover_tracts(
    plan: TargetPlan,
    tracts: GeoDataFrame[Tracts],
    scores: DataFrame[Scores],
    campaign: Campaign,
    divided: DividedKinds,
    notes: Notes,
) -> tuple[TargetPlan, DataFrame[Crosswalk] | None]:
    """Replace tracts by the requested units; return also the crosswalk to ZIPs."""
    if campaign.units.kind == "tracts":
        return plan, None

    chosen = pd.Series(data=True, index=pd.Index(plan.chosen["place"]))
    households = count_households(tracts, chosen, scores)
    online = average_rate(scores["addressable_share"], tracts["households_count"])
    household_usd = read_price(campaign).place_usd(1.0 if math.isnan(online) else online)
    cover = cover_targets(
        tracts, households, campaign, household_usd, divided.settings, divided.transport, notes
    )
    notes.extend(describe_comparison(cover.comparison, cover.share)[:-1])
    units = make_targets(cover.covering, plan.chosen["data_date"].max())
    plan = replace(
        plan, targets=as_table(units, Targets), comparison=cover.comparison, curve=cover.curve
    )
    return plan, cover.crosswalk


def _describe_units(
    members: pd.DataFrame,
    tracts: GeoDataFrame[Tracts],
    scores: DataFrame[Scores],
    plan: TargetPlan,
) -> pd.DataFrame:
    """Describe each unit by its tracts, weighted by households.

    Rate and forecast, pace, missing share at the deadline, addressable and persuadable share, and
    the group whose floor the unit counts toward: the one that most households of its chosen tracts
    belong to.
    """
    households = tracts["households_count"]
    missing = scores.get("missing_at_deadline_count", scores["missing_households_count"])
    shares = scores[[name for name in _TRAITS if name in scores]].rename(columns=_TRAITS)
    values = shares.reindex(tracts.index).assign(
        rate_share=tracts["cumulative_share"],
        missing_share=(missing / households.where(households > 0)).reindex(tracts.index).clip(0, 1),
    )
    traits = average_members(members, values.astype(float), households).reindex(plan.targets.index)
    if plan.floor_groups is None:
        return traits.assign(group=None)

    # The group with the most households of chosen tracts in the unit.
    parts = members[members["geoid"].isin(plan.chosen["place"])]
    parts = pd.DataFrame(
        {
            "unit_id": parts["unit_id"],
            "group": parts["geoid"].map(plan.floor_groups).fillna(""),
            "weight": parts["weight"] * parts["geoid"].map(households).fillna(0.0),
        }
    )
    main = parts.pivot_table(
        index="unit_id", columns="group", values="weight", aggfunc="sum"
    ).idxmax(axis=1)
    return traits.assign(group=main.where(main != "").reindex(plan.targets.index))


def _average_history(
    members: pd.DataFrame, tracts: GeoDataFrame[Tracts], history: pd.DataFrame | None
) -> pd.DataFrame:
    """Return the cumulative share of each unit by data date, from its tracts without a gap."""
    if history is None or history.empty:
        return pd.DataFrame(columns=pd.DatetimeIndex([]))
    rates = pivot_rates(history[history.index.isin(members["geoid"])]).ffill(axis=1)
    complete = rates.loc[:, rates.notna().mean() >= _RATED_SHARE].dropna()
    return average_members(
        members[members["geoid"].isin(complete.index)], complete, tracts["households_count"]
    )
