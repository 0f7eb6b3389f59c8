"""Priority: combines the scores into one order of tracts, with the reasons of each.

The priority of this version is the product of three scores, ``missing_households * digital_reach * goal_gap``: how many have not answered,
how many of them an ad can reach, how far there is to go. A tract at its goal has priority 0.
"""

import pandas as pd

from models import scores
from models.scores.missing_households import count_missing
from models.scores.score import Score
from outreach.campaign import Campaign
from outreach.errors import ModelError, NothingThere
from outreach.registry import discover
from outreach.tables import Scores, check

#: The scores whose product is the priority.
FACTORS = ("missing_households", "digital_reach", "goal_gap")


def find_scores() -> dict[str, Score]:
    """Return every score that stands in ``models/scores``, by name."""
    return discover(scores, "SCORE", Score)


def score_tracts(tracts: pd.DataFrame, campaign: Campaign) -> pd.DataFrame:
    """Score every tract that has a rate.

    Parameters
    ----------
    tracts
        Tracts; rows without a rate are left to the map.
    campaign
        For the goal.

    Returns
    -------
    DataFrame
        :class:`~outreach.tables.Scores`, best first. A tract with a rate but without a factor stands last, its priority missing and the reason said.

    Raises
    ------
    NothingThere
        No tract has a rate.
    ModelError
        A factor's columns are absent for every tract.
    """
    rated = tracts[tracts["cumulative_share"].notna()]
    if rated.empty:
        raise NothingThere(
            "No tract has a self-response rate.", "Check the areas of the campaign, and 'outreach archive status'."
        )
    known = find_scores()
    able = {name: score for name, score in known.items() if all(column in rated for column in score.needs)}
    lacking = [name for name in FACTORS if name not in able]
    if lacking:
        columns = sorted({column for name in lacking for column in known[name].needs} - set(rated))
        raise ModelError(
            f"The priority needs {', '.join(columns)}, which no source gave.",
            "Ask for an ACS vintage that has them ([vintages] acs in the campaign).",
        )
    table = pd.DataFrame({f"{name}_score": score.compute(rated, campaign) for name, score in able.items()})
    table["data_date"] = rated["data_date"]
    table["missing_households_count"] = count_missing(rated)
    table["priority"] = table[[f"{name}_score" for name in FACTORS]].prod(axis=1, skipna=False)
    table["reasons"] = [_give_reasons(row, able, campaign) for _, row in rated.iterrows()]
    return check(_rank(table), Scores, "priority")


def _rank(table: pd.DataFrame) -> pd.DataFrame:
    """Order by priority, ties by GEOID, missing last; without a model the rank's range is the rank."""
    ordered = table.sort_index().sort_values("priority", ascending=False, na_position="last", kind="stable")
    ranks = pd.Series(range(1, len(ordered) + 1), index=ordered.index)
    return ordered.assign(rank=ranks, rank_low=ranks, rank_high=ranks)


def _give_reasons(tract: "pd.Series[float]", able: dict[str, Score], campaign: Campaign) -> str:
    """Join the factors' reasons into one sentence; say which factor is missing."""
    clauses = []
    for name in FACTORS:
        missing = any(pd.isna(tract[column]) for column in able[name].needs)
        clauses.append(f"{able[name].title.lower()} is not known" if missing else able[name].reason(tract, campaign))
    sentence = "; ".join(clause for clause in clauses if clause)
    return sentence[:1].upper() + sentence[1:] + "."
