"""Draw or keep the arms of a test, and write its dated plan."""

import datetime as dt
import math
from dataclasses import dataclass, replace

import geopandas as gpd
import pandas as pd

from flows.steps.buying.previous_run import RunningTest
from flows.steps.buying.trial.flight_outlook import DELIVERED, name_quiet_window, scale_power
from flows.steps.buying.trial.readable import judge_days, judge_power, judge_test, list_variants
from flows.steps.buying.trial.ties import count_block, describe_contact, tie_units
from flows.steps.buying.trial.weak import judge_strength
from flows.steps.measuring.agreed import follow_protocol
from flows.steps.notes import Notes
from geo.footprint import draw_footprints, list_touching
from models.curves.season_file import load_season_model
from models.trial.design import Design, Ties, design_arms
from models.trial.plan import (
    TrialPlan,
    describe_obstacle,
    list_arms,
    record_levels,
    record_randomization,
)
from models.trial.power import list_covariates, tabulate_power, warn_events
from models.trial.readout.effect import prepare_comparison
from models.trial.readout.spillover import METHOD as SPILL_METHOD
from models.trial.readout.spillover import prepare_spill
from models.trial.season_spread import load_season_spread
from outreach.campaign import Campaign
from outreach.errors import ModelError
from outreach.phrasing import join_words, write_count, write_date, write_percent, write_points
from outreach.rates import Event
from outreach.tables import DataFrame, GeoDataFrame, Targets, Tracts, as_table
from outreach.units import Arm, UnitKind, name_kind, name_unit, split_unit

_PERCENT = 100
OUTCOME = (
    "change in each unit's cumulative self-response share from the last data date before the"
    " flight to the first one after it"
)
_METHOD = (
    "ANCOVA on matched blocks (with buffers: on the inverse probability of each unit's arm) and on"
    " the rate and the 14-day pace before the flight, weighted by households, with randomization"
    " inference (models.trial.readout.effect)"
)
#: What arms are matched on, as far as the units have it.
_MATCH = ("rate_share", "forecast_share", "pace_share")
#: What the list says of a unit that joined it after the arms were drawn.
_NEWCOMER = " New on the list since the test began, and not part of it."
#: Designs of the power table beside the campaign's own, and permutations of each.
_WEEKS, _HOLDOUTS, _PERMUTATIONS = (2, 4, 6, 8), (0.1, 0.2, 0.3, 0.5), 400


@dataclass(frozen=True)
class Arms:
    """The arms of a test.

    Parameters
    ----------
    units
        Targets with their arm.
    plan
        The dated plan of the test.
    power
        The effects that it could detect (:func:`models.trial.power.tabulate_power`); ``None`` if
        the season so far is too short, or if the arms of a running test are kept.
    """

    units: DataFrame[Targets]
    plan: TrialPlan
    power: pd.DataFrame | None


def draw_arms(
    units: DataFrame[Targets],
    traits: pd.DataFrame,
    unit_rates: pd.DataFrame,
    footprints: gpd.GeoDataFrame,
    campaign: Campaign,
    notes: Notes,
) -> Arms:
    """Draw the holdout at random within blocks of similar units, with buffers where arms touch.

    Parameters
    ----------
    units
        Targets, all of them with ads so far.
    traits
        By ``unit_id``: ``rate_share``, ``forecast_share``, ``pace_share``, as far as available.
    unit_rates
        Cumulative share by ``unit_id`` and data date, rising; units may be missing.
    footprints
        Of the units, to find which touch (:func:`geo.footprint.draw_footprints`).
    campaign
        Holdout, units, flight, and deadline.
    notes
        Gets the numbers of units in each arm, and warnings.

    Raises
    ------
    ModelError
        There are too few units for the holdout, the buffers leave an arm empty, or the test departs
        from the protocol that the campaign names.
    """
    # Match on what is available; a missing value counts as the mean.
    share = campaign.holdout.percent / _PERCENT
    available = [name for name in _MATCH if name in traits and traits[name].notna().any()]
    matched = traits[available].reindex(units.index)
    matched = matched.fillna(matched.mean()).assign(
        households_count=units["households_count"].fillna(0.0)
    )
    ties = tie_units(units, footprints, campaign)
    design = design_arms(matched, share, available or ["households_count"], ties)
    assigned = design.assign(campaign.holdout.seed)
    contact = describe_contact(units, footprints, campaign)
    notes.add(
        _count_arms(assigned, ties, campaign), _describe_levels(design, assigned, campaign), contact
    )

    # Compute what the test can detect, and judge whether it can be read out at all.
    start, end = _find_flight(units, campaign)
    weeks = count_weeks(start, end)
    households = matched[["households_count"]]
    unit_kind, spread = str(units["kind"].iloc[0]), load_season_spread().move(campaign.census_year)
    past = unit_rates.reindex(units.index).dropna()
    power = scale_power(
        _measure_power(households, past, ties, campaign, weeks, notes),
        spread,
        past,
        unit_kind,
        start,
    )
    verdicts = (
        judge_days(units["data_date"].max().date(), start),
        judge_test(design, matched, units, footprints, campaign),
        judge_power(power, share, weeks),
    )
    verdict = next((each for each in verdicts if each.obstacle), verdicts[0])
    variants = list_variants(matched, units, footprints, campaign)
    mde_share = _find_own_mde(power, share, weeks)
    weakness = (
        "" if verdict.obstacle else judge_strength(design, matched, campaign, variants, mde_share)
    )

    spill_mde = _find_spill_mde(design, households, past, weeks) if design.levels else None
    plan = TrialPlan(
        campaign=campaign.name,
        made_at=dt.datetime.now(dt.UTC),
        flight_start=start,
        flight_end=end,
        holdout_share=share,
        seed=campaign.holdout.seed,
        unit_kind=campaign.units.kind,
        outcome=OUTCOME,
        method=name_method(is_saturation=design.levels is not None),
        mde_share=mde_share,
        warnings=(
            *filter(None, [weakness]),
            *warn_events(start, end, list_events(campaign)),
        ),
        arms=list_arms(assigned),
        buffer_side=campaign.holdout.buffer if ties.touching else "none",
        randomization=record_randomization(design),
        obstacle=verdict.obstacle,
        remedy=verdict.remedy,
        levels=record_levels(design),
        spill_mde_share=spill_mde,
        looks=campaign.looks,
    )
    plan = replace(plan, protocol=follow_protocol(campaign, plan))
    quiet = name_quiet_window(spread, unit_kind, start, end, campaign.deadline)
    notes.add(describe_obstacle(plan), quiet, _describe_looks(plan), *plan.warnings)
    return Arms(as_table(units.assign(arm=assigned["arm"]), Targets), plan, power)


def keep_arms(
    units: DataFrame[Targets],
    test: RunningTest,
    tracts: GeoDataFrame[Tracts],
    members: pd.DataFrame,
    notes: Notes,
) -> Arms:
    """Keep the arms of a running test, so that a new list does not spoil it.

    A unit that was not in the test gets ads but is not measured. If it touches a held-out unit, it
    becomes a buffer. The plan stays the approved one, with its date and digest.
    """
    plan = test.plan
    drawn = pd.Series({unit: arm for unit, arm, _ in plan.arms})
    arm = pd.Series(units.index, index=units.index).map(drawn)
    new = arm.isna()
    arm = arm.fillna(Arm.TREAT.value)
    if plan.buffer_side != "none" and new.any():
        held_out = drawn[drawn == Arm.HOLDOUT].index
        near = _find_near(units, held_out, tracts, members)
        arm[new & units.index.isin(near)] = Arm.BUFFER.value

    why = units["why"].where(~new, units["why"] + _NEWCOMER)
    notes.add(_describe_kept(arm, new, test))
    return Arms(as_table(units.assign(arm=arm, why=why), Targets), plan, None)


def _describe_kept(arm: "pd.Series[str]", new: "pd.Series[bool]", test: RunningTest) -> str:
    """Say which arms are kept, how many units each has, and which units are not of the test."""
    plan, noun = test.plan, name_kind(test.plan.unit_kind)
    own = arm[~new].value_counts()
    counts = (
        f"{own.get(Arm.TREAT, 0):,} {noun} with ads, {own.get(Arm.HOLDOUT, 0):,} held out, and"
        f" {own.get(Arm.BUFFER, 0):,} buffers"
    )
    newcomers = (
        f" {int(new.sum()):,} {noun} are new on the list and not part of the test;"
        f" {int((arm[new] == Arm.BUFFER).sum()):,} of them touch a held-out one and get no ads."
        if new.any()
        else ""
    )
    return (
        f"The arms are those of the approved test of {test.run_id}, which runs until"
        f" {write_date(plan.flight_end)}: {counts}. All of them stay on the list until"
        f" then.{newcomers}"
    )


def describe_power(plan: TrialPlan, targets: DataFrame[Targets], power: pd.DataFrame | None) -> str:
    """Say what effect a test can detect, and whether the ads are expected to have as much.

    Parameters
    ----------
    plan
        The plan of the test.
    targets
        With arms, money, and expected responses.
    power
        The effects that the test could detect, by design and window.

    Returns
    -------
    str
        Empty if the minimum detectable effect could not be computed.
    """
    if plan.mde_share is None or power is None:
        return ""
    arms, treated = targets["arm"].value_counts(), targets[targets["arm"] == Arm.TREAT]
    responses = treated[[f"expected_responses{case}_count" for case in ("_low", "", "_high")]].sum()
    low, middle, high = responses / treated["households_count"].sum()
    weeks = count_weeks(plan.flight_start, plan.flight_end)
    verdict = (
        "which it can detect"
        if middle >= plan.mde_share
        else "which is too little for this test to detect"
        if high >= plan.mde_share
        else "which is too little for this test to detect even in the high case"
    )
    return (
        f"With {arms[Arm.TREAT]:,} + {arms[Arm.HOLDOUT]:,} {name_kind(plan.unit_kind)} and"
        f" {write_count(weeks, 'week')}, the minimum detectable effect is"
        f" {write_points(plan.mde_share, 2)} of the response rate"
        f" {_describe_outlook(plan, power, weeks)}. The ads are expected"
        f" to add {write_points(middle, 2)} (low case {write_points(low, 2)}, high case"
        f" {write_points(high, 2)}), {verdict}.{_describe_spill_mde(plan)}"
    )


def _describe_spill_mde(plan: TrialPlan) -> str:
    """Say which spill-over a test of saturation can detect; empty for other designs."""
    if plan.levels is None:
        return ""
    if plan.spill_mde_share is None:
        return " Which spill-over it can detect between areas is not known, or none at all."
    return (
        f" The smallest spill-over that it can detect between areas is"
        f" {write_points(plan.spill_mde_share, 2)} (80% power, as rates scattered lately)."
    )


def _describe_outlook(plan: TrialPlan, power: pd.DataFrame, weeks: int) -> str:
    """Say what the minimum detectable effect rests on, and how far it can be off."""
    is_own = (power["weeks"] == weeks) & (power["holdout_share"] == plan.holdout_share)
    own = power[is_own & (power["window"] == 0)].iloc[0]
    length = write_count(weeks, "week")
    delivered = (
        f"{write_points(own['delivered_mde_share'], 2)} if only {write_percent(DELIVERED.value)} of"
        " the ads reach their own unit; power.csv has other designs)"
    )
    if math.isnan(own["flight_mde_low_share"]):
        return (
            f"(80% power, if rates scatter in the flight as in the area's latest {length};"
            f" {delivered}"
        )
    low, high = (write_points(own[f"flight_mde_{end}_share"], 2) for end in ("low", "high"))
    return (
        f"(80% power, from the area's latest {length} and from how far rates scattered in the same"
        f" weeks of a past season; no past tells it exactly: {low} to {high} in 4 of 5 areas;"
        f" {delivered}"
    )


def count_weeks(start: dt.date, end: dt.date) -> int:
    """Return the length of a flight in weeks, rounded up."""
    return max(1, math.ceil(((end - start).days + 1) / 7))


def _find_near(
    units: DataFrame[Targets],
    held_out: pd.Index,
    tracts: GeoDataFrame[Tracts],
    members: pd.DataFrame,
) -> set[str]:
    """Find the units that touch a held-out one, which may no longer be on the list."""
    absent = [split_unit(unit) for unit in held_out.difference(units.index)]
    geoids = [place for kind, place in absent if kind is UnitKind.TRACT]
    absent_tracts = pd.DataFrame(
        {"kind": UnitKind.TRACT.value, "place": geoids},
        index=[name_unit(UnitKind.TRACT, geoid) for geoid in geoids],
    )
    touching = pd.DataFrame(
        list_touching(draw_footprints(pd.concat([units, absent_tracts]), tracts, members)),
        columns=["one", "other"],
    )
    return {
        *touching.loc[touching["one"].isin(held_out), "other"],
        *touching.loc[touching["other"].isin(held_out), "one"],
    }


def _find_flight(units: pd.DataFrame, campaign: Campaign) -> tuple[dt.date, dt.date]:
    """Return the first and last day of the flight; without one, data date and deadline."""
    if campaign.flight:
        return campaign.flight.start, campaign.flight.end
    return units["data_date"].max().date(), campaign.deadline


def list_events(campaign: Campaign) -> list[Event]:
    """List the mailings and field operations of the campaign's census, known or declared."""
    events = load_season_model().events
    known = [event for event in events if event.first.year == campaign.census_year]
    return known + [Event(each.name, each.first, each.last) for each in campaign.events]


def _measure_power(
    units: pd.DataFrame,
    past: pd.DataFrame,
    ties: Ties,
    campaign: Campaign,
    weeks: int,
    notes: Notes,
) -> pd.DataFrame | None:
    """Compute what effects the test could detect from the units' own past.

    The notes get what the past is too short to tell.
    """
    groups = len(past) if ties.cluster is None else ties.cluster.reindex(past.index).nunique()
    designs = sorted({*_HOLDOUTS, campaign.holdout.percent / _PERCENT})
    shares = [share for share in designs if count_block(share) <= groups]
    lengths = sorted({*_WEEKS, weeks})
    try:
        power = tabulate_power(
            past, units.loc[past.index], lengths, shares, permutations=_PERMUTATIONS, ties=ties
        )
    except ModelError as error:
        notes.add(f"The minimum detectable effect of this test is not known. {error.what}")
        return None

    lost = len(units) - len(past)
    if lost:
        notes.add(
            f"{lost:,} {name_kind(campaign.units.kind)} have no past season and are not in"
            " power.csv."
        )
    missing = [length for length in lengths if length not in set(power["weeks"])]
    if missing:
        days = (pd.Timestamp(past.columns[-1]) - pd.Timestamp(past.columns[0])).days
        notes.add(
            f"The season so far covers {write_count(days, 'day')}, too few to compute the minimum"
            f" detectable effect for flights of these weeks: {', '.join(map(str, missing))}."
        )
    return power


def _find_own_mde(power: pd.DataFrame | None, share: float, weeks: int) -> float | None:
    """Return the minimum detectable effect (0-1) of the campaign's own design, if computed."""
    if power is None:
        return None
    own = power[
        (power["weeks"] == weeks) & (power["holdout_share"] == share) & (power["window"] == 0)
    ]
    finite = [float(value) for value in own["flight_mde_share"] if math.isfinite(value)]
    return finite[0] if finite else None


def _find_spill_mde(
    design: Design, units: pd.DataFrame, past: pd.DataFrame, weeks: int
) -> float | None:
    """Return the smallest spill-over (0-1) to detect, by the latest window of the units' past."""
    dates = pd.DatetimeIndex(past.columns)
    whole = past.index.equals(units.index)
    start = (
        int(dates.searchsorted(dates[-1] - pd.Timedelta(weeks=weeks), side="right")) - 1
        if len(dates)
        else -1
    )
    if start < 0 or not whole:
        return None
    known = list_covariates(past, units, start)
    comparison = prepare_comparison(
        design, units["households_count"], known, permutations=_PERMUTATIONS
    )
    spill = prepare_spill(comparison)
    mde = spill.find_mde((past.iloc[:, -1] - past.iloc[:, start]).to_numpy(float))
    return mde if math.isfinite(mde) else None


def _describe_levels(design: Design, assigned: pd.DataFrame, campaign: Campaign) -> str:
    """Say which part of the areas of a test of saturation is high; empty for other designs."""
    if design.levels is None:
        return ""
    noun, share = name_kind(campaign.units.kind), campaign.holdout.percent / _PERCENT
    areas, pairs = len(design.held), len(set(map(int, design.levels.pair)))
    treated = (assigned["arm"] == Arm.TREAT).mean()
    return (
        f"Areas of neighboring {noun}: {areas:,} in {pairs:,} pairs, one of each drawn high. High"
        f" areas show ads in {write_percent(1 - share)} of their {noun}, low ones in"
        f" {write_percent(share)}, {write_percent(treated)} together; what high areas win beyond"
        " their own ads is the spill-over."
    )


def name_method(*, is_saturation: bool) -> str:
    """Return how a test is judged, in the words of its plan."""
    return f"{_METHOD}; {SPILL_METHOD}" if is_saturation else _METHOD


def _describe_looks(plan: TrialPlan) -> str:
    """Say when the test may be looked at before its end; empty if the plan states no looks."""
    if not plan.looks:
        return ""
    days = join_words([write_date(day) for day in plan.looks])
    return (
        f"The test may be looked at on {days}, before its end; the chance to find an effect that is"
        " not there, at any look or at the end, stays 5%."
    )


def _count_arms(assigned: pd.DataFrame, ties: Ties, campaign: Campaign) -> str:
    """Say how many units each arm has, and why there are buffers."""
    arms, noun = assigned["arm"].value_counts(), name_kind(campaign.units.kind)
    sentence = (
        f"Of {len(assigned):,} {noun}, {arms[Arm.TREAT]:,} get ads and {arms[Arm.HOLDOUT]:,} are"
        " held out"
    )
    if ties.area is not None:
        return f"{sentence}."
    if not ties.touching:
        return f"{sentence}; there are no buffers between them."
    other = "that are held out" if ties.buffer_side == Arm.TREAT else "with ads"
    return (
        f"{sentence}. Buffers without ads, because they touch {noun} {other}:"
        f" {arms.get(Arm.BUFFER, 0):,}. Neighbors were drawn together in"
        f" {write_count(assigned['cluster'].nunique(), 'group')}. Set [holdout] buffer in the"
        " campaign to choose which side becomes a buffer."
    )
