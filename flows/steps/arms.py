"""Arms: who is held out, with buffers where arms touch, the dated plan of the test, and whether the area's own past lets us see an effect."""

import datetime as dt
import math
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from flows.steps.previous_run import RunningTest
from geo.footprint import draw_footprints, group_near, list_touching
from models.curves.season_file import load_season_model
from models.trial.design import UNTIED, Ties, design_arms, round_share
from models.trial.plan import TrialPlan, list_arms, record_randomization
from models.trial.power import tabulate_power, warn_events
from outreach.campaign import Campaign
from outreach.errors import ModelError
from outreach.rates import Event
from outreach.units import Arm, UnitKind, split_unit

_PERCENT = 100
_OUTCOME = "change of the cumulative self-response share of each unit from the last data date before the flight to the first after it"
_METHOD = (
    "ANCOVA on matched blocks (with buffers: on the inverse chance of each unit's arm) and on the rate and the 14-day pace before the flight, "
    "household-weighted, with randomization inference (models.trial.effect)"
)
#: What arms are matched on, as far as it is known.
_MATCH = ("rate_share", "forecast_share", "pace_share")
#: Units that touch are drawn in groups of at most so many, fewer where that leaves not so many
#: blocks: were each drawn alone, most would touch the other arm.
_GROUP_SIZE, _LEAST_BLOCKS = 8, 3
#: Designs of the table "can we see it?" beside the campaign's own, and permutations of each.
_WEEKS, _HOLDOUTS, _PERMUTATIONS = (2, 4, 6, 8), (0.1, 0.2, 0.3, 0.5), 400


@dataclass(frozen=True)
class Arms:
    """A test as it is drawn.

    Parameters
    ----------
    units
        Targets with their arm.
    record
        The dated plan.
    power
        "Can we see it?" (:func:`models.trial.power.tabulate_power`); ``None`` where the
        season so far is too short.
    notes
        Sentences for people.
    """

    units: pd.DataFrame
    record: TrialPlan
    power: pd.DataFrame | None
    notes: tuple[str, ...]


def draw_arms(
    units: pd.DataFrame,
    traits: pd.DataFrame,
    history: pd.DataFrame,
    tracts: gpd.GeoDataFrame,
    campaign: Campaign,
) -> Arms:
    """Draw the holdout at random within blocks of units alike, make buffers where arms touch, and write the plan down.

    Parameters
    ----------
    units
        Targets, all advertised in so far.
    traits
        By ``unit_id``: ``rate_share``, ``forecast_share``, ``pace_share``, as far as known.
    history
        Cumulative share by ``unit_id`` and data date, rising; units may be missing.
    tracts
        For the ground of the units.

    Raises
    ------
    ModelError
        There are too few units for the holdout, or the buffers leave an arm empty.
    """
    share = campaign.holdout.percent / _PERCENT
    known = traits[
        [name for name in _MATCH if name in traits and traits[name].notna().any()]
    ].reindex(units.index)
    matched = known.fillna(known.mean()).assign(
        households_count=units["households_count"].fillna(0.0)
    )
    ties = _tie_units(units, tracts, campaign)
    design = design_arms(matched, share, [*known] or ["households_count"], ties)
    assigned = design.assign(campaign.holdout.seed)
    start, end = _find_flight(units, campaign)
    weeks = count_weeks(start, end)
    power, said = _look_back(matched[["households_count"]], history, ties, campaign, weeks)
    record = TrialPlan(
        campaign=campaign.name,
        made_at=dt.datetime.now(dt.UTC),
        flight_start=start,
        flight_end=end,
        holdout_share=share,
        seed=campaign.holdout.seed,
        unit_kind=campaign.units.kind,
        outcome=_OUTCOME,
        method=_METHOD,
        mde_share=_read_own(power, share, weeks),
        warnings=warn_events(start, end, _list_events(campaign)),
        arms=list_arms(assigned),
        buffer_side=campaign.holdout.buffer if ties.touching else "none",
        randomization=record_randomization(design),
    )
    today = units["data_date"].max().date()
    late = (
        [
            f"The data of {today} is younger than the start of the flight, {start}: a test drawn now comes too late to be read out."
        ]
        if today > start
        else []
    )
    notes = (_count_arms(assigned, ties, campaign), *late, *said, *record.warnings)
    return Arms(units.assign(arm=assigned["arm"]), record, power, notes)


def keep_arms(units: pd.DataFrame, test: RunningTest, tracts: gpd.GeoDataFrame) -> Arms:
    """Give each unit the arm that a running test drew for it, so that a new list does not spoil the test.

    A unit that was not in the draw is advertised in but not measured; where it touches a held-out
    one it becomes a buffer. The plan stays the one that was approved, with its date and digest.
    """
    drawn = pd.Series({unit: arm for unit, arm, _ in test.record.arms})
    arm = pd.Series(units.index, index=units.index).map(drawn)
    new, held = arm.isna(), drawn[drawn == Arm.HOLDOUT].index
    arm = arm.fillna(Arm.TREAT.value)
    if test.record.buffer_side != "none" and new.any():
        absent = held.difference(units.index)
        named = {unit: split_unit(unit) for unit in absent}
        geoids = {unit: place for unit, (kind, place) in named.items() if kind is UnitKind.TRACT}
        strangers = pd.DataFrame(
            {"kind": UnitKind.TRACT.value, "place": pd.Series(geoids, dtype=str)}
        )
        touching = pd.DataFrame(
            list_touching(draw_footprints(pd.concat([units, strangers]), tracts)),
            columns=["one", "other"],
        )
        near = {
            *touching.loc[touching["one"].isin(held), "other"],
            *touching.loc[touching["other"].isin(held), "one"],
        }
        arm[new & units.index.isin(near)] = Arm.BUFFER.value
    counts, what = arm.value_counts(), _word(test.record.unit_kind)
    gone = len(drawn.index.difference(units.index))
    said = (
        f"The arms are those of the approved test of {test.run_id}, which runs until {test.record.flight_end}: {counts.get('treat', 0):,} {what} get "
        f"ads, {counts.get('holdout', 0):,} are held out, {counts.get('buffer', 0):,} are buffers. {int(new.sum()):,} are new on the list and not "
        f"part of the test; {gone:,} of the test are no longer on the list and get no ads."
    )
    return Arms(units.assign(arm=arm), test.record, None, (said,))


def say_visible(record: TrialPlan, targets: pd.DataFrame) -> list[str]:
    """Say what the test can see, and whether what the ads are expected to win is as much.

    Parameters
    ----------
    targets
        With arms, money and expected responses.
    """
    smallest = record.mde_share
    if smallest is None:
        return []
    arms, treated = targets["arm"].value_counts(), targets[targets["arm"] == Arm.TREAT]
    responses = treated[[f"expected_responses{case}_count" for case in ("_low", "", "_high")]].sum()
    low, mid, high = _PERCENT * responses / treated["households_count"].sum()
    weeks = count_weeks(record.flight_start, record.flight_end)
    verdict = "can be seen" if mid >= _PERCENT * smallest else "is too little for this test to see"
    said = (
        f"With {arms['treat']:,} + {arms['holdout']:,} {_word(record.unit_kind)} and {weeks} weeks the minimum detectable effect is "
        f"{_PERCENT * smallest:.2f} points of the response rate (found 4 times in 5, judged by the area's latest {weeks} weeks; power.csv has other "
        f"designs). The ads are expected to win {mid:.2f} points (low case {low:.2f}, high case {high:.2f}), which {verdict}."
    )
    return [said]


def count_weeks(start: dt.date, end: dt.date) -> int:
    """Return the length of a flight in weeks, a begun one counted whole."""
    return max(1, math.ceil(((end - start).days + 1) / 7))


def _tie_units(units: pd.DataFrame, tracts: gpd.GeoDataFrame, campaign: Campaign) -> Ties:
    """Find the units whose ground touches, and group them by where they lie."""
    ground = draw_footprints(units, tracts)
    touching = (
        tuple(list_touching(ground)) if campaign.holdout.buffer != "none" and len(ground) else ()
    )
    if not touching:
        return UNTIED
    size = min(
        _GROUP_SIZE,
        len(units) // (_LEAST_BLOCKS * _count_block(campaign.holdout.percent / _PERCENT)),
    )
    group = group_near(ground, max(1, size)).reindex(units.index)
    undrawn = pd.Series(range(len(units), 2 * len(units)), index=units.index)
    side: Arm = Arm.HOLDOUT if campaign.holdout.buffer == "holdout" else Arm.TREAT
    return Ties(group.fillna(undrawn).astype(int), touching, side)


def _count_block(share: float) -> int:
    """Return how many units a block of this holdout has."""
    return round_share(share).denominator


def _find_flight(units: pd.DataFrame, campaign: Campaign) -> tuple[dt.date, dt.date]:
    """Return the first and last day of the flight; without one, the data date and the deadline."""
    if campaign.flight:
        return campaign.flight.start, campaign.flight.end
    return units["data_date"].max().date(), campaign.deadline


def _list_events(campaign: Campaign) -> list[Event]:
    """List the mailings and field operations of the campaign's census, as far as a season knows them."""
    events = load_season_model().events
    return [event for event in events if event.first.year == campaign.census_year]


def _look_back(
    units: pd.DataFrame, history: pd.DataFrame, ties: Ties, campaign: Campaign, weeks: int
) -> tuple[pd.DataFrame | None, list[str]]:
    """Work out "can we see it?" from what the same units did before, and say what it cannot tell."""
    past = history.reindex(units.index).dropna()
    groups = len(past) if ties.cluster is None else ties.cluster.reindex(past.index).nunique()
    wished = sorted({*_HOLDOUTS, campaign.holdout.percent / _PERCENT})
    shares = [share for share in wished if _count_block(share) <= groups]
    lengths = sorted({*_WEEKS, weeks})
    try:
        power = tabulate_power(
            past, units.loc[past.index], lengths, shares, permutations=_PERMUTATIONS, ties=ties
        )
    except ModelError as error:
        return None, [f"Whether this test can see an effect is not known. {error.what}"]
    lost, missing = (
        len(units) - len(past),
        [length for length in lengths if length not in set(power["weeks"])],
    )
    notes = (
        [f"{lost:,} {_word(campaign.units.kind)} have no past season and are not in power.csv."]
        if lost
        else []
    )
    if missing:
        days = (pd.Timestamp(past.columns[-1]) - pd.Timestamp(past.columns[0])).days
        notes.append(
            f"The season so far covers {days} days, too few to tell what can be seen in {' or '.join(map(str, missing))} weeks."
        )
    return power, notes


def _read_own(power: pd.DataFrame | None, share: float, weeks: int) -> float | None:
    """Return the minimum detectable effect (0-1) of the campaign's own design by the latest window, if there is one."""
    if power is None:
        return None
    own = power[
        (power["weeks"] == weeks) & (power["holdout_share"] == share) & (power["window"] == 0)
    ]
    found = [float(value) for value in own["mde_share"] if math.isfinite(value)]
    return found[0] if found else None


def _count_arms(assigned: pd.DataFrame, ties: Ties, campaign: Campaign) -> str:
    """Say how many units are in which arm, and why there are buffers."""
    arms, what = assigned["arm"].value_counts(), _word(campaign.units.kind)
    said = f"Of {len(assigned):,} {what} {arms['treat']:,} get ads and {arms['holdout']:,} are held out"
    if not ties.touching:
        return f"{said}; there are no buffers between them."
    other = "held out" if ties.buffer_side == Arm.TREAT else "that get ads"
    return (
        f"{said}; buffers without ads, because they touch {what} {other}: {arms.get('buffer', 0):,}. Those that lie together were drawn as "
        f"{assigned['cluster'].nunique():,} groups; [holdout] buffer in the campaign says which side gives way."
    )


def _word(kind: str) -> str:
    """Name a kind of units for people."""
    return "ZIPs" if kind == "zips" else kind
