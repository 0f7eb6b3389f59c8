"""Join the reasons of a tract's priority into one sentence."""

from collections.abc import Mapping

import pandas as pd

from models.scores.score import Score, ScoreInputs
from outreach.tables import DataFrame, Pace, RatedTracts


def order_reasons(able: Mapping[str, Score]) -> list[Score]:
    """Return scores in the order of their reasons, ties by name; those without one come last."""
    ordered = sorted(able.items())
    last = max((score.reason.order for _, score in ordered if score.reason), default=0) + 1
    return [
        score
        for _, score in sorted(
            ordered, key=lambda item: item[1].reason.order if item[1].reason else last
        )
    ]


def find_waiting(tracts: DataFrame[RatedTracts]) -> "pd.Series[bool]":
    """Return whether a tract has not been invited to respond yet."""
    if "pace" not in tracts:
        return pd.Series(data=False, index=tracts.index)
    waiting: pd.Series[bool] = tracts["pace"].eq(Pace.NOT_INVITED).fillna(value=False)
    return waiting


def join_reasons(
    tracts: DataFrame[RatedTracts], able: Mapping[str, Score], inputs: ScoreInputs
) -> list[str]:
    """Join the clauses of the scores and the drivers of the expectation into one sentence.

    It also says which required score is missing.
    """
    waiting = pd.Series("not invited yet: no ads before its invitation", index=tracts.index)
    clauses = [waiting.where(find_waiting(tracts), "")]
    for score in order_reasons(able):
        if score.reason is None:
            continue
        unknown = tracts[list(score.needs)].isna().any(axis=1)
        fallback = f"{score.title.lower()} is not known" if score.is_required else ""
        clauses.append(score.reason.explain(tracts, inputs).mask(unknown, fallback))
    if "drivers" in tracts:
        clauses.append(tracts["drivers"].fillna(""))

    rows = zip(*clauses, strict=True)
    sentences = ("; ".join(clause for clause in row if clause) for row in rows)
    return [sentence[:1].upper() + sentence[1:] + "." for sentence in sentences]
