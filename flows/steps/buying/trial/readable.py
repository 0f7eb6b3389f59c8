"""Say whether a test can be read out, and which design nearby can be."""

import datetime as dt
import math
from collections.abc import Iterator
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from flows.steps.buying.trial.ties import tie_units
from models.trial.design import Design, design_arms, round_share
from models.trial.effect import TrialComparison, prepare_comparison
from models.trial.readable import find_obstacle
from outreach.campaign import Campaign
from outreach.errors import ModelError
from outreach.phrasing import write_date
from outreach.tables import DataFrame, Targets
from outreach.units import name_kind

#: Holdouts that are tried, in percent, and the permutations that judge each design.
_PERCENTS, _PERMUTATIONS = (10, 15, 20, 25, 30, 35, 40, 45, 50), 600
_SIDES = ("treat", "holdout", "none")
#: Most percent that a test of saturation holds out in high areas.
_MOST_LEVEL = 40
_PERCENT = 100
#: Share of the permutations in each tail of a test, and how many of them a design must have there.
_TAIL_SHARE, _MARGIN = 0.025, 2


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a test can be read out.

    Parameters
    ----------
    obstacle
        Why it cannot be; empty if it can.
    remedy
        What to do, with the nearest design that can be read out.
    """

    obstacle: str = ""
    remedy: str = ""


@dataclass(frozen=True)
class Variant:
    """Another holdout of the same units.

    Parameters
    ----------
    percent, side
        Its share, and the side of its buffers.
    design, arms
        How its arms are drawn, and the arm of each unit by the campaign's seed.
    """

    percent: float
    side: str
    design: Design
    arms: "pd.Series[str]"

    @property
    def keys(self) -> str:
        """What the campaign would say."""
        return f'[holdout] percent = {self.percent:g}, buffer = "{self.side}"'


def judge_test(
    design: Design,
    matched: pd.DataFrame,
    units: DataFrame[Targets],
    footprints: gpd.GeoDataFrame,
    campaign: Campaign,
) -> Verdict:
    """Judge the design of a test by its permutations.

    Parameters
    ----------
    design
        The design that was drawn.
    matched
        By ``unit_id``: ``households_count``, and what the arms are matched on.
    units, footprints
        The targets and their footprints.
    campaign
        The request; the designs that are tried differ from it in share and side of the holdout.
    """
    seed = campaign.holdout.seed
    comparison = compare_arms(design, matched, seed)
    obstacle = find_obstacle(comparison, design.assign(seed)["arm"])
    if not obstacle:
        return Verdict()
    return Verdict(obstacle, _suggest_design(matched, units, footprints, campaign))


def judge_days(data_date: dt.date, start: dt.date) -> Verdict:
    """Judge whether the arms are drawn before the flight begins."""
    if data_date <= start:
        return Verdict()
    return Verdict(
        f"The arms are drawn from data of {write_date(data_date)}, after the flight began on"
        f" {write_date(start)}.",
        f"Start the flight on {write_date(data_date)} or later.",
    )


def judge_power(power: pd.DataFrame | None, share: float, weeks: int) -> Verdict:
    """Judge whether any effect would be detected, by the table of power.

    Parameters
    ----------
    power
        From :func:`models.trial.power.tabulate_power`; ``None`` judges nothing.
    share, weeks
        The test's own row.
    """
    if power is None:
        return Verdict()
    latest = power[power["window"] == 0]
    own = latest[(latest["weeks"] == weeks) & (latest["holdout_share"] == share)]
    if own.empty or own["mde_share"].map(math.isfinite).any():
        return Verdict()

    readable = latest[latest["mde_share"].map(math.isfinite)]
    apart = (readable["holdout_share"] - share).abs() + (readable["weeks"] - weeks).abs() / 100
    remedy = "Use more and smaller units, or raise [units] coverage_percent."
    if len(readable):
        near = readable.iloc[int(apart.to_numpy().argmin())]
        remedy = (
            f"The nearest design of power.csv that can be: hold out"
            f" {_PERCENT * near['holdout_share']:g}% for {near['weeks']:.0f} weeks."
        )
    return Verdict(
        "In the area's own past no effect, however large, would have been detected with these"
        " arms in 4 of 5 tests.",
        remedy,
    )


def _suggest_design(
    matched: pd.DataFrame,
    units: DataFrame[Targets],
    footprints: gpd.GeoDataFrame,
    campaign: Campaign,
) -> str:
    """Find the nearest share and side of the holdout with which the same units can be read out."""
    for variant in list_variants(matched, units, footprints, campaign):
        comparison = compare_arms(variant.design, matched, campaign.holdout.seed)
        if not find_obstacle(comparison, variant.arms):
            return f"The nearest design with the same units that can be: {variant.keys}."
    noun, own = name_kind(campaign.units.kind), campaign.holdout.percent
    return (
        f"No share of these {len(units):,} {noun} can be. Holding out {own:g}% takes at least"
        f" {count_needed(own / _PERCENT):,} {noun} that do not touch: buy more and smaller ones"
        " (raise budget_usd or [units] coverage_percent), or set [holdout] percent = 0."
    )


def count_needed(share: float) -> int:
    """Count the units that a holdout takes at least, where none touch.

    Each block adds a factor to the ways to draw the arms, of which there must be more than the
    reciprocal of :data:`_TAIL_SHARE`.
    """
    part = round_share(share)
    ways, blocks = math.comb(part.denominator, part.numerator), 1
    while ways**blocks * _TAIL_SHARE <= _MARGIN:
        blocks += 1
    return blocks * part.denominator


def list_variants(
    matched: pd.DataFrame,
    units: DataFrame[Targets],
    footprints: gpd.GeoDataFrame,
    campaign: Campaign,
) -> Iterator[Variant]:
    """Draw the same units with other holdouts, the nearest first; impossible ones are left out."""
    match_on = [str(name) for name in matched if name != "households_count"]
    for percent, side in _list_holdouts(campaign):
        changed = campaign.holdout.model_copy(update={"percent": percent, "buffer": side})
        other = campaign.model_copy(update={"holdout": changed})
        try:
            ties = tie_units(units, footprints, other)
            design = design_arms(
                matched, percent / _PERCENT, match_on or ["households_count"], ties
            )
            arms = design.assign(changed.seed)["arm"]
        except ModelError:
            continue
        yield Variant(percent, side, design, arms)


def _list_holdouts(campaign: Campaign) -> Iterator[tuple[float, str]]:
    """List holdouts, the nearest first: the share changes before the side of the buffers does."""
    own = campaign.holdout.percent
    shares = sorted({own, *_PERCENTS}, key=lambda percent: abs(percent - own))
    sides = sorted(_SIDES, key=lambda side: side != campaign.holdout.buffer)
    if campaign.holdout.design == "saturation":
        shares, sides = [share for share in shares if share <= _MOST_LEVEL], sides[:1]
    for side in sides:
        for percent in shares:
            if (percent, side) != (own, campaign.holdout.buffer):
                yield percent, side


def compare_arms(
    design: Design, matched: pd.DataFrame, seed: int, permutations: int = _PERMUTATIONS
) -> TrialComparison:
    """Return what a design would compare, as the columns of ``matched`` tell it before a flight."""
    return prepare_comparison(
        design,
        matched["households_count"].clip(lower=1.0),
        matched.drop(columns="households_count"),
        permutations=permutations,
        seed=seed + 1,
    )
