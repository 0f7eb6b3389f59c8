"""Draw or keep the arms of a test, and write its dated plan."""

import datetime as dt
from dataclasses import dataclass, replace

import geopandas as gpd
import pandas as pd

from flows.steps.buying.previous_run import RunningTest
from flows.steps.buying.trial.flight_outlook import name_quiet_window, scale_power
from flows.steps.buying.trial.mde import count_weeks, find_own_mde, find_spill_mde, measure_power
from flows.steps.buying.trial.readable import judge_days, judge_power, judge_test, list_variants
from flows.steps.buying.trial.sentences import (
    count_arms,
    describe_kept,
    describe_levels,
    describe_looks,
)
from flows.steps.buying.trial.ties import describe_contact, tie_units
from flows.steps.buying.trial.weak import judge_strength
from flows.steps.measuring.agreed import follow_protocol
from flows.steps.notes import Notes
from geo.footprint import draw_footprints, list_touching
from models.curves.season_file import load_season_model
from models.trial.design import design_arms
from models.trial.plan import (
    TrialPlan,
    describe_obstacle,
    list_arms,
    record_levels,
    record_randomization,
)
from models.trial.power import warn_events
from models.trial.readout.spillover import METHOD as SPILL_METHOD
from models.trial.season_spread import load_season_spread
from outreach.campaign import Campaign
from outreach.rates import Event
from outreach.tables import DataFrame, GeoDataFrame, Targets, Tracts, as_table
from outreach.units import Arm, UnitKind, name_unit, split_unit

_PERCENT = 100
OUTCOME = (
    "change in each unit's cumulative self-response share from the last data date before the"
    " flight to the first one after it"
)
_METHOD = (
    "ANCOVA on matched blocks (with buffers: on the inverse probability of each unit's arm) and on"
    " the rate and the 14-day pace before the flight, weighted by households, with randomization"
    " inference (models.trial.effect)"
)
#: What arms are matched on, as far as the units have it.
_MATCH = ("rate_share", "forecast_share", "pace_share")
#: What the list says of a unit that joined it after the arms were drawn.
_NEWCOMER = " New on the list since the test began, and not part of it."


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
        count_arms(assigned, ties, campaign), describe_levels(design, assigned, campaign), contact
    )

    # Compute what the test can detect, and judge whether it can be read out at all.
    start, end = _find_flight(units, campaign)
    weeks = count_weeks(start, end)
    households = matched[["households_count"]]
    unit_kind, spread = str(units["kind"].iloc[0]), load_season_spread().move(campaign.census_year)
    past = unit_rates.reindex(units.index).dropna()
    power = scale_power(
        measure_power(households, past, ties, campaign, weeks, notes),
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
    mde_share = find_own_mde(power, share, weeks)
    weakness = (
        "" if verdict.obstacle else judge_strength(design, matched, campaign, variants, mde_share)
    )

    spill_mde = find_spill_mde(design, households, past, weeks) if design.levels else None
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
    notes.add(describe_obstacle(plan), quiet, describe_looks(plan), *plan.warnings)
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
    notes.add(describe_kept(arm, new, test))
    return Arms(as_table(units.assign(arm=arm, why=why), Targets), plan, None)


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


def name_method(*, is_saturation: bool) -> str:
    """Return how a test is judged, in the words of its plan."""
    return f"{_METHOD}; {SPILL_METHOD}" if is_saturation else _METHOD
