"""Rank tracts by where the next advertising dollar wins the most responses.

The response curve (:mod:`models.budget.ad_response`) expects ``V o M q E(k s / (M P c))`` responses
of ``s`` dollars in a tract of ``P`` households: ``V`` of them missing at the deadline, ``M`` the
share that can be addressed, ``o`` the share of the missing that an ad can win, ``q`` the chance
that such a household responds to an ad that counts, ``c`` the price of an impression with fees,
``k`` the efficiency, ``E`` how many of the ads that it sees count. Its slope at 0, times 1,000, is
the priority: expected additional responses per 1,000 USD at the margin,

    priority = 1000 k q / c * (V / P) * o

``V / P`` and ``o`` are the products of the factors that the scores declare
(:class:`models.scores.score.Factor`), in their order. ``k q / c`` is the same everywhere: its low,
middle and high values give ``priority_low`` and ``priority_high`` but change no rank. ``M`` and
``P`` cancel: a dollar buys as many impressions in a large tract as in a small one, and what counts
is how many of the people who see them are still missing, read the creative and are open to it. The
number of households decides how *long* money works in a tract, which
:mod:`models.budget.allocation` accounts for. The campaign's goal has no part in the priority.
"""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pandas as pd

from models import scores
from models.budget.ad_price import AdPrice
from models.budget.ad_response import set_fee
from models.budget.assumptions import Case
from models.budget.channels import price_social_media
from models.scores.missing_households import read_deadline
from models.scores.score import Factor, FactorBase, Score, ScoreInputs
from models.targeting.rank_range import (
    SIMULATIONS,
    TRACT_SPREAD,
    CommonFactor,
    measure_errors,
    range_ranks,
)
from models.targeting.reasons import find_waiting, join_reasons, order_reasons
from models.targeting.selection import ListRules, count_affordable, rate_merit
from outreach.errors import DataError, NothingThere
from outreach.objectives import Assumed, Objective
from outreach.registry import discover
from outreach.tables import (
    DataFrame,
    RatedTracts,
    ResponseRates,
    Scores,
    SpendUnits,
    as_table,
    check,
)

#: Columns of the forecast and the expectation that are passed on with the scores.
_PASSED_ON = (
    "final_share", "final_low50_share", "final_high50_share", "final_low80_share",
    "final_high80_share", "area_low80_share", "area_high80_share",
    "peer_final_share", "peer_final_low80_share", "peer_final_high80_share",
    "peer_share", "peer_low80_share", "peer_high80_share", "behind",
    "pace", "gap_share", "growth_per_week_share",
)  # fmt: skip


def find_scores() -> dict[str, Score]:
    """Return every score in ``models/scores``, by name."""
    return discover(scores, "SCORE", Score)


def score_tracts(  # noqa: PLR0913  the tables, the rules, and what a plan or a test sets
    tracts: DataFrame[RatedTracts],
    creative_languages: tuple[str, ...],
    rules: ListRules,
    forecast: pd.DataFrame | None = None,
    peers: pd.DataFrame | None = None,
    history: DataFrame[ResponseRates] | None = None,
    *,
    declared: Mapping[str, Score] | None = None,
    simulations: int = SIMULATIONS,
    seed: int = 0,
    measured: pd.DataFrame | None = None,
) -> DataFrame[Scores]:
    """Score and rank every tract that has a rate.

    Parameters
    ----------
    tracts
        :class:`outreach.tables.Tracts`; rows without a rate are left out.
    creative_languages
        ISO 639-1 codes of the languages that there are ads in.
    rules
        Objective, goal, price and budget, and the assumptions that are turned on.
    forecast
        Index ``geoid``: ``final_share`` and its 80% bounds ``final_low80_share``,
        ``final_high80_share``. Without it, households missing today stand in for those missing at
        the deadline.
    peers
        Index ``geoid``: of the final rate ``peer_final_share`` with ``peer_final_low80_share``,
        ``peer_final_high80_share``, or of the data date ``peer_share`` with
        ``peer_low80_share``, ``peer_high80_share``; optionally ``behind`` (bool), ``pace``
        (as in :mod:`models.curves.pace`; a tract that was not invited yet has priority 0) and
        ``drivers`` (text).
    history
        :class:`outreach.tables.ResponseRates` so far, for the momentum.
    declared
        The scores to compute, by name; by default every one in ``models/scores``.
    simulations, seed
        For the range of ranks.
    measured
        What :func:`measure_tracts` returned for the same input; by default it is computed.

    Returns
    -------
    DataFrame
        Best first. Tracts with a rate but without a required factor come last, the lowest rate
        first; their priority is missing, and their reasons say so. Beside the scores: the figures
        that scores list, ``persuadable_share`` as
        :func:`models.budget.allocation.allocate_budget` takes it, ``listed_share`` and ``standing``
        for the list that the budget buys in this order, and what was passed in of forecast and
        expectation.

    Raises
    ------
    NothingThere
        No tract has a rate.
    DataError
        Forecast or expectation has a tract twice.

    Notes
    -----
    Where no source has the columns of a required factor, no tract has a priority, and all are
    listed by rate.
    """
    inputs = ScoreInputs(creative_languages, rules.goal_share, rules.price)
    declared = find_scores() if declared is None else declared
    rated = prepare_tracts(tracts, declared, forecast, peers, history)
    factors = list_factors(rated, declared, rules.switches)
    table = _measure_rated(rated, declared, inputs, rules) if measured is None else measured

    # Ranks by the objective, and their ranges.
    merit = rate_merit(table["priority"], rated, rules.objective)
    moving = [factor for factor in factors if moves_order(factor, rules.objective)]
    common = [
        CommonFactor(factor.measure(rated, inputs, Case.MID), factor.floor)
        for factor in moving
        if factor.floor is not None
    ]
    spread = TRACT_SPREAD.mid if Assumed.SPREAD in rules.switches else 0.0
    ranks = range_ranks(
        merit,
        measure_errors(rated, moving, inputs, spread=spread),
        common,
        count_affordable(rated, merit, rules),
        read_deadline(rated)["share"],
        simulations=simulations,
        seed=seed,
    )
    ranked = ranks.join(table, validate="one_to_one")[[*table, *ranks]]
    return check(ranked, Scores, "priority")


def measure_tracts(
    tracts: DataFrame[RatedTracts],
    creative_languages: tuple[str, ...],
    rules: ListRules,
    forecast: pd.DataFrame | None = None,
    peers: pd.DataFrame | None = None,
    history: DataFrame[ResponseRates] | None = None,
    *,
    declared: Mapping[str, Score] | None = None,
) -> pd.DataFrame:
    """Compute what the budget does not change: scores, priority with its bounds, and reasons.

    The parameters are those of :func:`score_tracts`; of the rules, only what
    :func:`list_measure_rules` returns has a part.

    Returns
    -------
    DataFrame
        The columns of :func:`score_tracts` but ranks, their ranges, and what depends on them, in
        the order of the tracts.
    """
    inputs = ScoreInputs(creative_languages, rules.goal_share, rules.price)
    declared = find_scores() if declared is None else declared
    rated = prepare_tracts(tracts, declared, forecast, peers, history)
    return _measure_rated(rated, declared, inputs, rules)


def list_measure_rules(rules: ListRules) -> tuple[float, AdPrice, list[Assumed]]:
    """Return the rules that :func:`measure_tracts` depends on: goal, price, switches of factors.

    Budget, length of the list, and objective choose among measured tracts, and the spread of tracts
    widens ranks alone.
    """
    return rules.goal_share, rules.price, sorted(rules.switches - {Assumed.SPREAD})


def _measure_rated(
    rated: DataFrame[RatedTracts],
    declared: Mapping[str, Score],
    inputs: ScoreInputs,
    rules: ListRules,
) -> pd.DataFrame:
    """Compute scores, priority, and reasons of prepared tracts."""
    able = _find_able(rated, declared)
    factors = list_factors(rated, declared, rules.switches)
    table = _compute_scores(rated, able, inputs)

    # Priority: missing without a required factor, 0 before a tract was invited.
    online = table["addressable_share"]
    units = {case: describe_units(rated, online, factors, inputs, case) for case in Case}
    table["persuadable_share"] = units[Case.MID]["persuadable_share"]
    required = [f"{name}_score" for name, score in able.items() if score.is_required]
    margins = rate_margins(units, rules.price).where(table[required].notna().all(axis=1))
    table = table.join(margins.mask(find_waiting(rated), 0.0))
    table["reasons"] = join_reasons(rated, able, inputs)
    return table


def prepare_tracts(
    tracts: DataFrame[RatedTracts],
    declared: Mapping[str, Score],
    forecast: pd.DataFrame | None = None,
    peers: pd.DataFrame | None = None,
    history: DataFrame[ResponseRates] | None = None,
) -> DataFrame[RatedTracts]:
    """Join everything known about the rated tracts into the table that every score reads.

    See :func:`score_tracts` for the parameters.

    Returns
    -------
    DataFrame
        The rated tracts with the columns of forecast and expectation, and those that scores
        derive, such as ``growth_per_week_share`` and ``gap_share``.
    """
    has_rate = tracts["cumulative_share"].notna()
    if not has_rate.any():
        raise NothingThere(
            "No tract has a self-response rate.",
            "Check the areas of the campaign, and 'outreach archive status'.",
        )
    # A copy in one block, because many columns are added.
    rated = pd.DataFrame(tracts[has_rate].drop(columns="geometry", errors="ignore")).copy()
    for name, table in (("forecast", forecast), ("peer expectation", peers)):
        if table is None:
            continue
        if not table.index.is_unique:
            twice = table.index[table.index.duplicated()][0]
            raise DataError(f"The {name} has tract {twice} twice.", "Pass one row per tract.")
        new = [column for column in table if column not in rated]
        rated = rated.join(table[new], how="left", validate="one_to_one")

    # A column of a required factor that no source has is missing everywhere.
    required = {name for score in declared.values() if score.is_required for name in score.needs}
    absent = sorted(required - set(rated))
    rated = rated.assign(**dict.fromkeys(absent, np.nan))

    for score in declared.values():
        if score.derive is not None:
            derived = score.derive(as_table(rated, RatedTracts), history)
            rated = rated.join(derived, validate="one_to_one")
    return as_table(rated, RatedTracts)


def list_factors(
    tracts: DataFrame[RatedTracts],
    declared: Mapping[str, Score],
    switches: Collection[Assumed] = (),
) -> list[Factor]:
    """Return the factors whose columns the tracts have, in their order, ties by name.

    A factor that is assumed counts only if its switch is on.
    """
    factors = [score.factor for _, score in sorted(declared.items()) if score.factor is not None]
    able = [
        factor
        for factor in factors
        if set(factor.needs) <= set(tracts) and (factor.switch is None or factor.switch in switches)
    ]
    return sorted(able, key=lambda factor: factor.order)


def moves_order(factor: Factor, objective: Objective) -> bool:
    """Return whether a factor has a part in the order of an objective's list."""
    return objective is Objective.MISSING_PER_DOLLAR or factor.base is FactorBase.HOUSEHOLDS


def describe_units(
    tracts: DataFrame[RatedTracts],
    addressable_share: "pd.Series[float]",
    factors: Sequence[Factor],
    inputs: ScoreInputs,
    case: Case = Case.MID,
) -> DataFrame[SpendUnits]:
    """Describe each tract as the response curve takes it.

    Parameters
    ----------
    tracts
        From :func:`prepare_tracts`.
    addressable_share
        Households online, 0-1.
    factors
        From :func:`list_factors`.
    inputs, case
        What the factors read, and which values their assumptions have.

    Returns
    -------
    DataFrame
        ``households_count``, ``missing_households_count`` (at the deadline),
        ``addressable_share``, and ``persuadable_share`` of the missing households.
    """
    shares = {base: pd.Series(1.0, index=tracts.index) for base in FactorBase}
    for factor in factors:
        shares[factor.base] = shares[factor.base] * factor.compute(tracts, inputs, case)
    households = tracts["households_count"]
    units = pd.DataFrame(
        {
            "households_count": households,
            "missing_households_count": households * shares[FactorBase.HOUSEHOLDS],
            "addressable_share": addressable_share,
            "persuadable_share": shares[FactorBase.MISSING],
        }
    )
    return as_table(units, SpendUnits)


def rate_margins(units: Mapping[Case, DataFrame[SpendUnits]], price: AdPrice) -> pd.DataFrame:
    """Rate what the first dollar wins, in expected responses per 1,000 USD.

    Low and high combine all assumptions of the response curve with the ends of the forecast's 80%
    interval. Most of that is common to all tracts, so the ranges of two tracts may overlap while
    their order is firm.

    Returns
    -------
    DataFrame
        ``priority``, ``priority_low`` and ``priority_high``.
    """
    channel, curve = price_social_media(price.cpm_usd), set_fee(price.fee_share)
    margins = {}
    for case in (Case.MID, Case.LOW, Case.HIGH):
        name = "priority" if case is Case.MID else f"priority_{case}"
        slope = curve.spend_curves(units[case], channel, case).marginal(np.zeros(len(units[case])))
        margins[name] = 1000 * slope
    return pd.DataFrame(margins, index=units[Case.MID].index)


def _find_able(tracts: DataFrame[RatedTracts], declared: Mapping[str, Score]) -> dict[str, Score]:
    """Return the scores whose columns are there; a required one is always among them."""
    return {name: score for name, score in declared.items() if set(score.needs) <= set(tracts)}


def _compute_scores(
    tracts: DataFrame[RatedTracts], able: Mapping[str, Score], inputs: ScoreInputs
) -> pd.DataFrame:
    """Return the scores of the tracts, their further figures, and what is passed on."""
    table = pd.DataFrame(
        {f"{name}_score": score.compute(tracts, inputs) for name, score in able.items()}
    )
    table["data_date"] = tracts["data_date"]
    for score in order_reasons(able):
        if score.list_figures is not None:
            table = table.join(score.list_figures(tracts, inputs), validate="one_to_one")
    passed = [name for name in _PASSED_ON if name in tracts and name not in table]
    return table.join(tracts[passed])
