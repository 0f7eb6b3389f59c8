"""Rank tracts by priority, and simulate how sure each rank is.

Only what differs between tracts changes their order. The errors that each tract has of its own are
simulated tract by tract: its own part of the forecast's error, and the ACS margins. How much a
common assumption counts is simulated once for all. What shifts all tracts alike moves no rank and
is left out: prices, click and completion rates, and the part of the forecast's error that tracts
of an area share. The own part is measured on held-out counties, so that the ranges hold as many
true ranks as they say (:func:`models.training.calibrate_area.calibrate_own_errors`). How
differently tracts respond to the same ads is not known and not in the ranges, unless the planner
turns the assumed spread on.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.budget.assumptions import Assumption
from models.scores.score import Factor, ScoreInputs
from outreach.arrays import Floats
from outreach.evidence import Evidence, Status
from outreach.tables import DataFrame, RatedTracts

SIMULATIONS = 400
#: A tract is firmly on or off the list if at least this share of the simulations says so.
FIRM_SHARE = 0.9
#: Share of the simulations outside the range of ranks, on either side.
_TAIL_SHARE = 0.1
#: Tracts respond differently to the same ads for reasons that no table holds.
TRACT_SPREAD = Assumption(
    "tract-to-tract spread of the response (standard deviation of its logarithm)", 0.0, 0.1, 0.3,
    "logarithm",
    Evidence(
        status=Status.ASSUMED, source="no public figure found; measure it with an experiment"
    ),
)  # fmt: skip
#: Simulations that are sorted at once, to keep the memory small.
_BATCH = 25


@dataclass(frozen=True)
class CommonFactor:
    """A factor whose floor is uncertain for all tracts alike.

    Parameters
    ----------
    measure
        0-1 by tract.
    floor
        How much a measure of 0 still counts.
    """

    measure: "pd.Series[float]"
    floor: Assumption


def measure_errors(
    tracts: DataFrame[RatedTracts],
    factors: Sequence[Factor],
    inputs: ScoreInputs,
    *,
    spread: float = 0.0,
) -> pd.DataFrame:
    """Measure how wrong the logarithm of each tract's priority may be for reasons of its own.

    Parameters
    ----------
    tracts
        From :func:`models.targeting.priority.prepare_tracts`.
    factors
        The factors of the priority.
    inputs
        What the factors read beside the tracts.
    spread
        Standard deviation of the logarithm that tracts differ by for reasons that no table holds.

    Returns
    -------
    DataFrame
        ``below`` and ``above``: standard deviations toward a lower and a higher priority.
    """
    variance = pd.DataFrame(0.0, index=tracts.index, columns=["below", "above"])
    for factor in factors:
        if factor.measure_variance is not None:
            variance = variance + factor.measure_variance(tracts, inputs)
    return (variance + spread**2) ** 0.5


def range_ranks(
    priority: "pd.Series[float]",
    errors: pd.DataFrame,
    common: Sequence[CommonFactor],
    list_length: int,
    rates: "pd.Series[float] | None" = None,
    *,
    simulations: int = SIMULATIONS,
    seed: int = 0,
) -> pd.DataFrame:
    """Rank tracts and measure how firm each rank is.

    Parameters
    ----------
    priority
        By tract; ties are broken by GEOID, and missing values come last.
    errors
        From :func:`measure_errors`.
    common
        Factors that are uncertain for all tracts alike.
    list_length
        Number of tracts that will be chosen.
    rates
        By tract; puts tracts without a priority in order, the lowest first.
    simulations, seed
        How many sets of priorities to simulate, and from which seed.

    Returns
    -------
    DataFrame
        First rank first: ``rank``; ``rank_low`` and ``rank_high`` (80%, and never without the
        rank itself); ``listed_share``, the share of simulations in which the tract is among the
        first ``list_length``; ``standing``, ``firm`` or ``borderline``. Tracts without a priority
        above 0 have no range.
    """
    table = pd.DataFrame({"priority": priority, "rate": rates if rates is not None else np.nan})
    table["rate"] = table["rate"].where(table["priority"].isna())
    order = table.sort_index().sort_values(["priority", "rate"], ascending=[False, True]).index
    ordered = priority[order]
    rank = np.arange(1, len(ordered) + 1)
    low, high, listed = rank.copy(), rank.copy(), (rank <= list_length).astype(float)

    able = int((ordered > 0).sum())
    if able:
        first = ordered.index[:able]
        ranks = _simulate_ranks(
            np.log(np.asarray(ordered[:able], dtype=np.float64)),
            errors.reindex(first).fillna(0.0).to_numpy(float),
            [(np.asarray(each.measure.reindex(first), float), each.floor) for each in common],
            simulations,
            seed,
        )
        tail = round(_TAIL_SHARE * (simulations - 1))
        parted = np.partition(ranks, (tail, simulations - 1 - tail), axis=1)
        low[:able] = np.minimum(parted[:, tail], rank[:able])
        high[:able] = np.maximum(parted[:, simulations - 1 - tail], rank[:able])
        listed[:able] = (ranks <= list_length).mean(axis=1)

    firm = (listed >= FIRM_SHARE) | (listed <= 1 - FIRM_SHARE)
    columns = {"rank": rank, "rank_low": low, "rank_high": high, "listed_share": listed}
    return pd.DataFrame(columns, index=ordered.index).assign(
        standing=np.where(firm, "firm", "borderline")
    )


def _simulate_ranks(
    log_priority: Floats,
    errors: Floats,
    common: Sequence[tuple[Floats, Assumption]],
    simulations: int,
    seed: int,
) -> npt.NDArray[np.int32]:
    """Return the rank of each tract (row) in each simulation."""
    rng = np.random.default_rng(seed)
    floors = [rng.triangular(floor.low, floor.mid, floor.high, simulations) for _, floor in common]
    typical = sum(np.log(floor.mid + (1 - floor.mid) * measure) for measure, floor in common)
    base, below, above = (
        column.astype(np.float32) for column in (log_priority - typical, *errors.T)
    )
    places = np.arange(1, len(base) + 1, dtype=np.int32)
    ranks = np.empty((len(base), simulations), dtype=np.int32)

    for start in range(0, simulations, _BATCH):
        size = min(_BATCH, simulations - start)
        z = rng.standard_normal((size, len(base)), dtype=np.float32)
        values = base + np.where(z > 0, above, below) * z
        for (measure, _), floor in zip(common, floors, strict=True):
            part = floor[start : start + size, None]
            values = values + np.log(part + (1 - part) * measure).astype(np.float32)

        # Sort each simulation and write down the place of each tract.
        batch = np.empty(values.shape, dtype=np.int32)
        np.put_along_axis(batch, np.argsort(-values, axis=1), places[None], axis=1)
        ranks[:, start : start + size] = batch.T
    return ranks
