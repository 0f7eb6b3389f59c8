"""Encode the reasons of tracts so that a page can say them in its language."""

from typing import Any

import pandas as pd

from outreach.catalog.retell import find_sentence, find_term

_SECTION = "reason"


def encode_reasons(reasons: "pd.Series[str]") -> dict[str, Any]:
    """Encode reasons as clauses of the catalog with their figures.

    Parameters
    ----------
    reasons
        In English, per tract: clauses between semicolons.

    Returns
    -------
    dict
        ``levels`` with codes ``values``, as :func:`maps.run.encode.encode_column` has them. A level
        is a list of clauses: the key of the clause and what stands in its places, in the order of
        their names (``#`` before a word of the catalog), or the clause itself if no catalog has it.
    """
    positions, levels = pd.factorize(reasons.astype("string"))
    codes = [None if position < 0 else position for position in positions.tolist()]
    return {"levels": [_encode_level(text) for text in levels.tolist()], "values": codes}


def _encode_level(text: str) -> list[Any]:
    """Encode the reasons of one tract."""
    clauses = (clause.strip() for clause in text.removesuffix(".").split(";"))
    return [_encode_clause(clause) for clause in clauses if clause]


def _encode_clause(clause: str) -> list[str] | str:
    """Encode one clause."""
    found = find_sentence(clause, _SECTION)
    if found is None:
        return clause
    values = [value for _, value in sorted(found.places.items())]
    return [found.key.rpartition(".")[2], *map(_encode_value, values)]


def _encode_value(value: str) -> str:
    """Encode what stands in a place."""
    key = find_term(value)
    return value if key is None else f"#{key.rpartition('.')[2]}"
