"""Priority: where the next advertising dollar adds most responses, from the forecast, the reach of an ad and the response curve.

The response curve (:mod:`models.budget.ad_response`) expects ``V o q M F(k s / (M P c))`` responses
of ``s`` dollars in a tract of ``P`` households, ``V`` of them missing at the deadline, ``M`` the
share that can be addressed, ``o`` the share of the missing that an ad can win, ``q`` the chance
that a reached one of these answers, ``c`` the price of an impression with fees, ``k`` the
efficiency. Its slope at 0, times 1,000, is the priority: expected additional responses per 1,000
USD at the margin,

    priority = 1000 k q / c * (V / P) * o,      o = (online among the missing / online) * language covered * openness

The first factor is the same everywhere; its assumptions, with low, middle and high values, give
``priority_low`` and ``priority_high``, but move no rank. ``M`` and ``P`` cancel: a dollar buys the
same impressions in a large tract and a small one, and what counts is how many of those who see them
are still missing, read the creative and are open to it. How many households there are decides how
*long* money works in a tract, which :mod:`models.budget.allocation` reckons with. Openness
(:mod:`models.scores.persuadable`) moves the priority by a factor of at most two,
:data:`models.targeting.rank_range.CLOSED_SHARE`. The campaign's goal has no part in it.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from models import scores
from models.budget.ad_response import META, Assumption, Case, Channel, choose_curve
from models.scores import digital_reach, persuadable
from models.scores.cost_of_reach import price_reach
from models.scores.languages import cover_languages
from models.scores.missing_households import count_missing, count_missing_at_deadline, read_deadline
from models.scores.momentum import measure_growth
from models.scores.response_gap import NOT_ASKED, measure_gap
from models.scores.score import Score
from models.targeting.rank_range import CLOSED_SHARE, DRAWS, measure_errors, open_share, range_ranks
from models.targeting.selection import count_affordable
from outreach.campaign import Campaign
from outreach.errors import DataError, ModelError, NothingThere
from outreach.evidence import Status
from outreach.registry import discover
from outreach.tables import Scores, check

#: The scores without which there is no priority.
FACTORS = ("missing_households", "digital_reach")
#: The scores whose clauses make up the reasons, in order.
REASONS = ("missing_households", "digital_reach", "response_gap", "momentum", "cost_of_reach")
#: Columns of the forecast and the expectation that are handed on with the scores.
_HANDED_ON = (
    "final_share", "final_low50_share", "final_high50_share", "final_low80_share", "final_high80_share",
    "expectation_share", "expectation_low80_share", "expectation_high80_share",
    "expected_share", "expected_low80_share", "expected_high80_share", "behind", "pace", "gap_share", "growth_7_share",
)  # fmt: skip


def find_scores() -> dict[str, Score]:
    """Return every score that stands in ``models/scores``, by name."""
    return discover(scores, "SCORE", Score)


def score_tracts(
    tracts: pd.DataFrame,
    campaign: Campaign,
    forecast: pd.DataFrame | None = None,
    expectation: pd.DataFrame | None = None,
    history: pd.DataFrame | None = None,
    *,
    draws: int = DRAWS,
    seed: int = 0,
) -> pd.DataFrame:
    """Score every tract that has a rate.

    Parameters
    ----------
    tracts
        Tracts; rows without a rate are left to the map.
    campaign
        For price, impressions, languages and budget.
    forecast
        Index ``geoid``: ``final_share`` and its 80 % bounds ``final_low80_share``,
        ``final_high80_share``. Without it, households missing today stand for those missing at the
        deadline.
    expectation
        Index ``geoid``: of the final rate ``expectation_share`` with ``expectation_low80_share``,
        ``expectation_high80_share``, or of the data date ``expected_share`` with
        ``expected_low80_share``, ``expected_high80_share``; optionally ``behind`` (bool), ``pace``
        (as in :mod:`models.curves.pace`; a tract that was not asked yet has priority 0) and
        ``drivers`` (text).
    history
        ResponseRates of the season so far, for the momentum.
    draws, seed
        For the range of ranks.

    Returns
    -------
    DataFrame
        :class:`~outreach.tables.Scores`, best first. A tract with a rate but without a factor
        stands last, its priority missing and the reason said. Beside the scores:
        ``missing_at_deadline_count`` with 80 % range; ``addressable_share`` and
        ``persuadable_share`` as :func:`models.budget.allocation.allocate_budget` takes them;
        ``language_covered_share``; ``cost_of_reach_usd``; ``listed_share`` and ``standing`` against
        the list that the budget buys in this order; and what was handed in of forecast and
        expectation.

    Raises
    ------
    NothingThere
        No tract has a rate.
    ModelError
        A factor's columns are absent for every tract.
    DataError
        Forecast or expectation has a tract twice.
    """
    inputs = gather_inputs(tracts, forecast, expectation, history)
    able = _find_able(inputs)
    table = pd.DataFrame(
        {f"{name}_score": score.compute(inputs, campaign) for name, score in able.items()}
    )
    table["data_date"] = inputs["data_date"]
    table["missing_households_count"] = count_missing(inputs)
    table = table.join(count_missing_at_deadline(inputs))
    handed = [name for name in _HANDED_ON if name in inputs and name not in table]
    units = describe_units(inputs, campaign)
    table = table.join(inputs[handed]).join(
        units[["addressable_share", "persuadable_share", "language_covered_share"]]
    )
    table["cost_of_reach_usd"] = price_reach(inputs, campaign)
    known = table[[f"{name}_score" for name in FACTORS]].notna().all(axis=1)
    margins = rate_margins(units, campaign).where(known)
    waiting = (
        inputs["pace"].eq(NOT_ASKED)
        if "pace" in inputs
        else pd.Series(data=False, index=inputs.index)
    )
    table = table.join(margins.mask(waiting.fillna(value=False), 0.0))
    table["reasons"] = _give_reasons(inputs, able, campaign)
    length = count_affordable(inputs, table["priority"], campaign)
    openness = persuadable.measure_openness(inputs, campaign)
    ranks = range_ranks(
        table["priority"],
        measure_errors(inputs, campaign),
        openness,
        length,
        draws=draws,
        seed=seed,
    )
    return check(ranks.join(table, validate="one_to_one")[[*table, *ranks]], Scores, "priority")


def gather_inputs(
    tracts: pd.DataFrame,
    forecast: pd.DataFrame | None = None,
    expectation: pd.DataFrame | None = None,
    history: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Put what is known of the rated tracts into one table, the input of every score; see :func:`score_tracts` for its parts.

    Returns
    -------
    DataFrame
        The rated tracts with the columns of forecast and expectation, ``growth_7_share``,
        ``gap_share`` and ``gap_error_share`` as far as they can be had.
    """
    rated = tracts[tracts["cumulative_share"].notna()]
    if rated.empty:
        raise NothingThere(
            "No tract has a self-response rate.",
            "Check the areas of the campaign, and 'outreach archive status'.",
        )
    rated = pd.DataFrame(
        rated.drop(columns="geometry", errors="ignore")
    ).copy()  # in one block: many columns are added
    for name, table in (("forecast", forecast), ("expectation", expectation)):
        if table is None:
            continue
        if not table.index.is_unique:
            twice = table.index[table.index.duplicated()][0]
            raise DataError(f"The {name} has tract {twice} twice.", "Hand in one row a tract.")
        fresh = [column for column in table if column not in rated]
        rated = rated.join(table[fresh], how="left", validate="one_to_one")
    if history is not None and not history.empty:
        rated = rated.assign(growth_7_share=measure_growth(rated, history))
    return rated.join(measure_gap(rated))


def describe_units(inputs: pd.DataFrame, campaign: Campaign) -> pd.DataFrame:
    """Describe each tract as the response curve and the allocator take it.

    Returns
    -------
    DataFrame
        ``households_count``; ``missing_households_count``, at the deadline, with both ends of the
        forecast's 80 % interval as ``_low_`` and ``_high_``; ``addressable_share``;
        ``persuadable_share`` with ``_low_`` and ``_high_`` for the range of
        :data:`models.targeting.rank_range.CLOSED_SHARE`; ``language_covered_share``;
        ``price_factor``.
    """
    rate, online = read_deadline(inputs), digital_reach.reach_share(inputs)
    covered = cover_languages(inputs, campaign.creative_languages)["covered_share"]
    reached = digital_reach.reach_missing_share(inputs) / online.where(online > 0) * covered
    openness = persuadable.measure_openness(inputs, campaign)
    households = inputs["households_count"]
    return pd.DataFrame(
        {
            "households_count": households,
            "missing_households_count": households * (1 - rate["share"]),
            "missing_households_low_count": households * (1 - rate["high80_share"]),
            "missing_households_high_count": households * (1 - rate["low80_share"]),
            "addressable_share": online,
            "persuadable_share": reached * open_share(openness, CLOSED_SHARE.mid),
            "persuadable_low_share": reached * open_share(openness, CLOSED_SHARE.low),
            "persuadable_high_share": reached * open_share(openness, CLOSED_SHARE.high),
            "language_covered_share": covered,
            "price_factor": 1.0,
        }
    )


def rate_margins(units: pd.DataFrame, campaign: Campaign) -> pd.DataFrame:
    """Return ``priority``, ``priority_low`` and ``priority_high``: expected responses per 1,000 USD at the first dollar.

    Low and high put all assumptions of the response curve and the ends of the forecast's 80 %
    interval together: what is common to all tracts makes most of it, so the ranges of two tracts
    may overlap while their order is firm.
    """
    channel, curve = choose_channel(campaign), choose_curve(campaign)
    result = {}
    for name, case in (
        ("priority", Case.MID),
        ("priority_low", Case.LOW),
        ("priority_high", Case.HIGH),
    ):
        ending = "" if case is Case.MID else f"_{case}"
        renamed = units.assign(
            missing_households_count=units[f"missing_households{ending}_count"],
            persuadable_share=units[f"persuadable{ending}_share"],
        )
        slope = curve.spend_curves(renamed, channel, case).marginal(np.zeros(len(units)))
        result[name] = 1000 * slope
    return pd.DataFrame(result, index=units.index)


def choose_channel(campaign: Campaign) -> Channel:
    """Return the channel of a campaign: social media at the planner's own price of 1,000 impressions."""
    price = campaign.cpm_usd
    asked = Assumption(
        "price of 1,000 impressions", price, price, price, "USD", Status.ASSUMED, "the campaign"
    )
    return replace(META, cpm_usd=asked)


def _find_able(inputs: pd.DataFrame) -> Mapping[str, Score]:
    """Return the scores whose columns are there, or say which factor lacks what."""
    known = find_scores()
    able = {name: score for name, score in known.items() if set(score.needs) <= set(inputs)}
    lacking = [name for name in FACTORS if name not in able]
    if lacking:
        columns = sorted({column for name in lacking for column in known[name].needs} - set(inputs))
        raise ModelError(
            f"The priority needs {', '.join(columns)}, which no source gave.",
            "Ask for an ACS vintage that has them ([vintages] acs in the campaign).",
        )
    return able


def _give_reasons(inputs: pd.DataFrame, able: Mapping[str, Score], campaign: Campaign) -> list[str]:
    """Join the clauses of the scores, then the drivers of the expectation, into one sentence; say which factor is missing."""
    clauses = []
    if "pace" in inputs:
        waiting = inputs["pace"].eq(NOT_ASKED).fillna(value=False)
        clauses.append(
            pd.Series("not asked yet: no ads before its invitation", index=inputs.index).where(
                waiting, ""
            )
        )
    for name in REASONS:
        if name not in able:
            continue
        score = able[name]
        told = score.explain(inputs, campaign)
        unknown = inputs[list(score.needs)].isna().any(axis=1)
        silent = f"{score.title.lower()} is not known" if name in FACTORS else ""
        clauses.append(told.mask(unknown, silent))
    if "drivers" in inputs:
        drivers = inputs["drivers"].fillna("")
        clauses.append(("what is expected here: " + drivers).where(drivers != "", ""))
    rows = zip(*clauses, strict=True)
    sentences = ("; ".join(clause for clause in row if clause) for row in rows)
    return [sentence[:1].upper() + sentence[1:] + "." for sentence in sentences]
