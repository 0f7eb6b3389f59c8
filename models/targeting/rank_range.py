"""Ranks and how sure they are: draws of the priority from what differs between tracts, and the range of ranks that they give.

Only what differs between tracts moves ranks. The interval of each forecast, the margins of error of
the ACS and the unknown spread of tracts' response are drawn for each tract; how much openness
counts is drawn once for all; price, click and completion rates shift all alike and are not drawn.
Errors of neighbouring forecasts go together in part; they are drawn apart, so the ranges are rather
too wide than too narrow.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.budget.ad_response import Assumption
from models.scores.digital_reach import measure_reach_error
from models.scores.languages import cover_languages
from models.scores.missing_households import TO_80, read_deadline
from outreach.arrays import Floats
from outreach.campaign import Campaign
from outreach.evidence import Status

DRAWS = 400
#: A tract is firmly in or out of the list when at least this share of the draws says so.
FIRM_SHARE = 0.9
#: Tracts answer to the same ads differently for reasons that no table holds.
TRACT_SPREAD = Assumption(
    "tract-to-tract spread of the response (standard deviation of its logarithm)", 0.0, 0.1, 0.3, "logarithm",
    Status.ASSUMED, "no public figure found; measure it with an experiment",
)  # fmt: skip
#: How open the missing households of a tract are that shows no openness at all
#: (:mod:`models.scores.persuadable`), against a wholly open one.
CLOSED_SHARE = Assumption(
    "openness of the least open tract against the most open", 0.25, 0.5, 1.0, "share",
    Status.ASSUMED, "no public figure found; at 1 openness does not count",
)  # fmt: skip
_BATCH = 25


def open_share(openness: "pd.Series[float]", closed: float) -> "pd.Series[float]":
    """Return the share of missing households open to an ad: 1 at full openness, falling in a line to ``closed`` at none."""
    return closed + (1 - closed) * openness


def measure_errors(tracts: pd.DataFrame, campaign: Campaign) -> pd.DataFrame:
    """Return by how much the logarithm of each tract's priority may be wrong for reasons of its own.

    Parameters
    ----------
    tracts
        From :func:`models.targeting.priority.gather_inputs`.
    campaign
        For the languages.

    Returns
    -------
    DataFrame
        ``below`` and ``above``: standard deviations towards lower and higher priority.
    """
    rate = read_deadline(tracts)
    missing = (1 - rate["share"]).clip(lower=1e-6)
    above = pd.Series(
        np.log((1 - rate["low80_share"]).clip(lower=1e-6) / missing) / TO_80, index=tracts.index
    )
    below = pd.Series(
        np.log(missing / (1 - rate["high80_share"]).clip(lower=1e-6)) / TO_80, index=tracts.index
    )
    covered = cover_languages(tracts, campaign.creative_languages)
    language = (covered["error_share"] / covered["covered_share"].clip(lower=0.05)).clip(upper=0.5)
    own = measure_reach_error(tracts) ** 2 + language**2 + TRACT_SPREAD.mid**2
    return pd.DataFrame(
        {"below": (below.clip(upper=3.0) ** 2 + own) ** 0.5, "above": (above**2 + own) ** 0.5}
    )


def range_ranks(
    priority: "pd.Series[float]",
    errors: pd.DataFrame,
    openness: "pd.Series[float]",
    list_length: int,
    *,
    draws: int = DRAWS,
    seed: int = 0,
) -> pd.DataFrame:
    """Rank tracts and say how firm each rank is.

    Parameters
    ----------
    priority
        Of each tract; ties go by GEOID, missing ones stand last.
    errors
        From :func:`measure_errors`.
    openness
        0-1, how open the tract's missing households are.
    list_length
        Number of tracts that will be chosen.
    draws, seed
        How many sets of priorities are drawn, and from which seed.

    Returns
    -------
    DataFrame
        First rank first: ``rank``; ``rank_low``, ``rank_high`` (80 %, and never without the rank);
        ``listed_share``, the share of draws in which the tract is among the first ``list_length``;
        ``standing``, ``firm`` or ``borderline``. Tracts without a priority above 0 have no range.
    """
    ordered = priority.sort_index().sort_values(ascending=False, na_position="last", kind="stable")
    rank = np.arange(1, len(ordered) + 1)
    low, high, listed = rank.copy(), rank.copy(), (rank <= list_length).astype(float)
    able = int((ordered > 0).sum())
    if able:
        first = ordered.index[:able]
        found = _draw_ranks(
            np.log(np.asarray(ordered[:able], dtype=np.float64)),
            errors.reindex(first).fillna(0.0).to_numpy(float),
            np.asarray(openness.reindex(first), dtype=np.float64),
            draws,
            seed,
        )
        tail = round(0.1 * (draws - 1))
        parted = np.partition(found, (tail, draws - 1 - tail), axis=1)
        low[:able] = np.minimum(parted[:, tail], rank[:able])
        high[:able] = np.maximum(parted[:, draws - 1 - tail], rank[:able])
        listed[:able] = (found <= list_length).mean(axis=1)
    firm = (listed >= FIRM_SHARE) | (listed <= 1 - FIRM_SHARE)
    columns = {"rank": rank, "rank_low": low, "rank_high": high, "listed_share": listed}
    return pd.DataFrame(columns, index=ordered.index).assign(
        standing=np.where(firm, "firm", "borderline")
    )


def _draw_ranks(
    log_priority: Floats, errors: Floats, openness: Floats, draws: int, seed: int
) -> npt.NDArray[np.int32]:
    """Return the rank of each tract (row) in each draw, in batches that keep the memory small."""
    chance = np.random.default_rng(seed)
    closed = chance.triangular(CLOSED_SHARE.low, CLOSED_SHARE.mid, CLOSED_SHARE.high, draws)
    usual = np.log(CLOSED_SHARE.mid + (1 - CLOSED_SHARE.mid) * openness)
    base, below, above = (column.astype(np.float32) for column in (log_priority - usual, *errors.T))
    places = np.arange(1, len(base) + 1, dtype=np.int32)
    ranks = np.empty((len(base), draws), dtype=np.int32)
    for start in range(0, draws, _BATCH):
        part = closed[start : start + _BATCH, None]
        z = chance.standard_normal((len(part), len(base)), dtype=np.float32)
        drawn = (
            base
            + np.where(z > 0, above, below) * z
            + np.log(part + (1 - part) * openness).astype(np.float32)
        )
        batch = np.empty(drawn.shape, dtype=np.int32)
        np.put_along_axis(batch, np.argsort(-drawn, axis=1), places[None], axis=1)
        ranks[:, start : start + len(part)] = batch.T
    return ranks
