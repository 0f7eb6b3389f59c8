"""Planning: from scored tracts to what is bought - units that platforms take, arms of a test, and a budget split over them."""

from dataclasses import dataclass, field, replace

import geopandas as gpd
import pandas as pd

from flows.steps.arms import draw_arms, keep_arms, say_visible
from flows.steps.budget import Money, group_tracts, price_floors, split_money
from flows.steps.cover import cover_targets
from flows.steps.list_rules import read_list_rules
from flows.steps.previous_run import ListBefore, RunningTest, follow_list
from geo.cover.compare import describe_comparison
from geo.cover.covering import count_households
from geo.cover.target_rows import make_targets
from geo.footprint import average_members, weigh_members
from models.targeting.selection import choose_targets, find_cutoff_rank
from models.trial.plan import TrialPlan
from outreach.campaign import Campaign
from outreach.errors import NothingThere
from outreach.rates import pivot_rates
from outreach.settings import Settings
from outreach.tables import DataFrame, Scores
from outreach.transport import Transport

_PERCENT = 100
#: Columns of the scores that units are matched on or split by, by their name here.
_TRAITS = {
    "final_share": "forecast_share",
    "growth_7_share": "pace_share",
    "addressable_share": "addressable_share",
    "persuadable_share": "persuadable_share",
}
#: A day of the season counts where so many tracts have a rate.
_KNOWN_SHARE = 0.95


@dataclass(frozen=True)
class Plan:
    """What is bought, and how it was decided.

    Attributes
    ----------
    targets
        :class:`outreach.tables.Targets` with arms and budgets.
    chosen
        The tracts that the targets were chosen for, with what the list before decided in ``why``.
    list_before
        The run whose list this one follows; empty where it follows none.
    held
        Tracts that the list before keeps on the list or off it
        (:class:`flows.steps.previous_run.Held`).
    floor_groups
        By ``geoid`` the language or district whose floor a tract counts to.
    members
        How much of each tract lies in which target (:func:`geo.footprint.weigh_members`); ``None``
        where tracts are bought in full flights.
    comparison
        ZIPs, pins and polygons side by side (:func:`geo.cover.compare.compare_units`); ``None`` for
        tracts.
    curve
        Coverage against purity of the best ZIP sets; ``None`` unless ZIPs are wanted.
    money
        The split budget with its certificate; ``None`` where tracts are bought in full flights.
    record
        The dated plan of the test, ``None`` without a holdout.
    power
        "Can we see it?"; ``None`` without a holdout or a past season.
    notes
        Sentences for people.
    """

    targets: pd.DataFrame
    chosen: pd.DataFrame
    list_before: str = ""
    held: pd.DataFrame | None = None
    floor_groups: "pd.Series[str] | None" = None
    members: pd.DataFrame | None = None
    comparison: pd.DataFrame | None = None
    curve: pd.DataFrame | None = None
    money: Money | None = None
    record: TrialPlan | None = None
    power: pd.DataFrame | None = None
    notes: tuple[str, ...] = field(default=())


def plan_targets(
    tracts: gpd.GeoDataFrame,
    scores: DataFrame[Scores],
    campaign: Campaign,
    settings: Settings,
    transport: Transport,
    *,
    season: pd.DataFrame | None = None,
    before: ListBefore | None = None,
    test: RunningTest | None = None,
) -> Plan:
    """Choose tracts by priority, cover them with the units that the campaign wants, draw the arms, split the budget.

    Parameters
    ----------
    season
        ResponseRates of the tracts so far, to tell what effect a test could see.
    before
        The list that borderline tracts follow.
    test
        The approved test whose arms are kept.

    Raises
    ------
    GeographyError
        The requested coverage cannot be reached, or the ZIP file cannot be used.
    CampaignError
        A floor is for a language or district that is not there.
    ModelError
        There are too few units for the holdout, or a floor cannot be met.
    """
    groups = group_tracts(tracts, campaign, settings, transport)
    plan = _choose_tracts(tracts, scores, campaign, groups, before)
    if _buys_full_flights(campaign):
        return plan
    if plan.chosen.empty:
        raise NothingThere(
            "The budget buys not one tract, so there is nothing to split.", "Raise budget_usd."
        )
    plan, crosswalk = _cover_tracts(plan, tracts, scores, campaign, settings, transport)
    members = weigh_members(plan.targets, tracts, crosswalk)
    traits = _describe_units(members, tracts, scores, plan)
    if campaign.holdout.percent:
        history = _trace_units(members, tracts, season)
        arms = (
            keep_arms(plan.targets, test, tracts)
            if test is not None
            else draw_arms(plan.targets, traits, history, tracts, campaign)
        )
        plan = replace(
            plan,
            targets=arms.units,
            record=arms.record,
            power=arms.power,
            notes=(*plan.notes, *arms.notes),
        )
    money = split_money(plan.targets, traits, campaign)
    notes = [*plan.notes, money.allocation.summary()]
    if plan.record is not None and test is None:
        notes += say_visible(plan.record, money.targets)
    return replace(plan, targets=money.targets, members=members, money=money, notes=tuple(notes))


def _buys_full_flights(campaign: Campaign) -> bool:
    """Whether each chosen tract is bought whole, so that there is nothing to split."""
    units = campaign.units
    splits = campaign.holdout.percent or campaign.channels or campaign.floors
    return units.kind == "tracts" and not (
        splits or units.minimum_spend_usd or units.maximum_spend_usd
    )


def _choose_tracts(
    tracts: gpd.GeoDataFrame,
    scores: DataFrame[Scores],
    campaign: Campaign,
    groups: "pd.Series[str] | None",
    before: ListBefore | None,
) -> Plan:
    """Choose the tracts, borderline ones as on the list before."""
    rules = read_list_rules(campaign)
    floors = None if groups is None else (groups, price_floors(campaign))
    if before is None:
        chosen = choose_targets(tracts, scores, rules, floors=floors)
        return Plan(chosen, chosen, floor_groups=groups)
    plain = choose_targets(tracts, scores, rules, floors=floors)
    following = choose_targets(tracts, scores, rules, before.tracts, floors)
    followed, held = follow_list(
        following, plain, scores, find_cutoff_rank(tracts, scores, rules), before
    )
    return Plan(followed, followed, before.run_id, held.table, groups, notes=held.notes)


def _cover_tracts(
    plan: Plan,
    tracts: gpd.GeoDataFrame,
    scores: DataFrame[Scores],
    campaign: Campaign,
    settings: Settings,
    transport: Transport,
) -> tuple[Plan, pd.DataFrame | None]:
    """Put the wanted units in the place of tracts; return also the crosswalk to ZIPs."""
    if campaign.units.kind == "tracts":
        return plan, None
    chosen = plan.chosen
    households = count_households(
        tracts, pd.Series(data=True, index=pd.Index(chosen["place"])), scores
    )
    cover = cover_targets(tracts, households, campaign, settings, transport)
    said = (*cover.notes, *describe_comparison(cover.comparison, cover.share)[:-1])
    units = make_targets(cover.covering, chosen["data_date"].max())
    covered = replace(
        plan,
        targets=units,
        comparison=cover.comparison,
        curve=cover.curve,
        notes=(*plan.notes, *said),
    )
    return covered, cover.crosswalk


def _describe_units(
    members: pd.DataFrame, tracts: pd.DataFrame, scores: pd.DataFrame, plan: Plan
) -> pd.DataFrame:
    """Describe each unit by its tracts: rate and forecast, pace, missing share at the deadline, reach, and the floor that it counts to.

    A unit counts to the floor of the group that most households of its chosen tracts belong to.
    """
    households = tracts["households_count"]
    missing = scores.get("missing_at_deadline_count", scores["missing_households_count"])
    known = scores[[name for name in _TRAITS if name in scores]].rename(columns=_TRAITS)
    values = known.reindex(tracts.index).assign(
        rate_share=tracts["cumulative_share"],
        missing_share=(missing / households.where(households > 0)).reindex(tracts.index).clip(0, 1),
    )
    traits = average_members(members, values.astype(float), households).reindex(plan.targets.index)
    if plan.floor_groups is None:
        return traits.assign(group=None)
    wanted = members[members["geoid"].isin(plan.chosen["place"])]
    weight = wanted["weight"] * wanted["geoid"].map(households).fillna(0.0)
    group = wanted["geoid"].map(plan.floor_groups).fillna("")
    parts = pd.DataFrame({"unit_id": wanted["unit_id"], "group": group, "weight": weight})
    main = parts.pivot_table(
        index="unit_id", columns="group", values="weight", aggfunc="sum"
    ).idxmax(axis=1)
    return traits.assign(group=main.where(main != "").reindex(plan.targets.index))


def _trace_units(
    members: pd.DataFrame, tracts: pd.DataFrame, season: pd.DataFrame | None
) -> pd.DataFrame:
    """Return the cumulative share of each unit by data date, from its tracts whose season has no gap."""
    if season is None or season.empty:
        return pd.DataFrame(columns=pd.DatetimeIndex([]))
    own = season[season.index.isin(members["geoid"])]
    wide = pivot_rates(own).ffill(axis=1)
    whole = wide.loc[:, wide.notna().mean() >= _KNOWN_SHARE].dropna()
    return average_members(
        members[members["geoid"].isin(whole.index)], whole, tracts["households_count"]
    )
