"""Find similar districts and rank each one among them and among all."""

import pandas as pd

#: Columns that can say who is similar, best first: peer expectation, the Bureau's score, the census
#: before. The first that enough districts have is used.
PEER_BASES = ("peer_share", "low_response_score", "final_2010_share")
#: A district has this many peers, or a third of all districts where there are few.
_MOST_PEERS = 10


def find_peers(basis: "pd.Series[float]") -> dict[str, list[str]]:
    """Return the most similar districts of each district, itself included.

    Parameters
    ----------
    basis
        One of :data:`PEER_BASES` by district; those without a figure get no peers.
    """
    figures = basis.dropna()
    count = min(_MOST_PEERS, max(3, len(figures) // 3))
    return {
        str(district): (figures - figure).abs().sort_values(kind="stable").index[:count].tolist()
        for district, figure in figures.items()
    }


def add_ranks(table: pd.DataFrame, peers: dict[str, list[str]]) -> pd.DataFrame:
    """Add the place of each district.

    Parameters
    ----------
    table
        Index ``district_id``; ``cumulative_share`` and ``missing_count``.
    peers
        From :func:`find_peers`.

    Returns
    -------
    DataFrame
        ``table`` with ``rank`` (1 is the highest rate), ``rank_missing`` (1 is the most missing
        households), ``peer_rank`` and ``peer_count``.
    """
    rate = table["cumulative_share"]
    places = {
        district: int((rate[similar] > rate[district]).sum()) + 1
        for district, similar in peers.items()
    }
    counts = {district: len(similar) for district, similar in peers.items()}
    return table.assign(
        rank=rate.rank(ascending=False, method="min"),
        rank_missing=table["missing_count"].rank(ascending=False, method="min"),
        peer_rank=pd.Series(places, dtype=float).reindex(table.index),
        peer_count=pd.Series(counts, dtype=float).reindex(table.index),
    )
