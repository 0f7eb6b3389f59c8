"""Compare counts of homes with the Bureau's, and rank blocks that look undercounted."""

from enum import StrEnum

import numpy as np
import pandas as pd

from geo.addresses.assign import PlacedHomes
from geo.addresses.assumptions import ListAssumptions

#: Half the width of a normal 80% range, in standard deviations.
_HALF80 = 1.2815515655446004
#: Digits of a tract's code in that of a block.
_TRACT_DIGITS = 11


class BlockVerdict(StrEnum):
    """What the comparison says of a block."""

    UNDERCOUNTED = "looks undercounted"
    WITHIN = "within the error"
    FEWER = "list has fewer"
    NOTHING = "no homes"


def compare_blocks(
    placed: PlacedHomes,
    bureau: "pd.Series[float]",
    assumptions: ListAssumptions,
    *,
    growth_share: float,
) -> pd.DataFrame:
    """Compare a list with the Bureau's counts, block by block.

    The range of the difference allows for what of the list is no home, for points that lie across
    a border, for homes that the Bureau counted in the block next door, and for homes that were
    built since the census: its low end takes off the growth of the whole area, its middle half of
    it, and its high end none.

    Parameters
    ----------
    placed
        Homes of the list by block.
    bureau
        The Bureau's housing units by block.
    assumptions
        Shares and errors.
    growth_share
        Homes built since the census for each home of then, 0 or more.

    Returns
    -------
    DataFrame
        Index ``geoid`` (15 digits), the most surely undercounted first: ``rank``,
        ``listed_count``, ``bureau_count``, ``surplus_count`` with ``surplus_low80_count`` and
        ``surplus_high80_count``, and ``verdict``, a :class:`BlockVerdict`.
    """
    homes = placed.table.reindex(bureau.index, fill_value=0.0)
    together = assumptions.moves_together_share.value
    variance = (
        (1 - together) * homes["place_variance"]
        + together * homes["place_spread_count"] ** 2
        + assumptions.bureau_misplaced_share.value * bureau
    )
    spread = _HALF80 * np.sqrt(variance)
    least, likely, largest = assumptions.not_a_home_share.value

    listed = homes["homes_count"]
    low = listed * (1 - largest) - bureau * (1 + growth_share) - spread
    middle = listed * (1 - likely) - bureau * (1 + growth_share / 2)
    high = listed * (1 - least) - bureau + spread
    table = pd.DataFrame(
        {
            "listed_count": listed,
            "bureau_count": bureau.astype(float),
            "surplus_count": middle,
            "surplus_low80_count": np.minimum(low, middle),
            "surplus_high80_count": np.maximum(high, middle),
        }
    ).rename_axis("geoid")
    table["verdict"] = _judge(table)
    table = table.sort_values(
        ["surplus_low80_count", "surplus_count"], ascending=False, kind="stable"
    )
    table.insert(0, "rank", np.arange(1, len(table) + 1))
    return table


def sum_tracts(blocks: pd.DataFrame) -> pd.DataFrame:
    """Sum a comparison over tracts.

    Parameters
    ----------
    blocks
        From :func:`compare_blocks`.

    Returns
    -------
    DataFrame
        Index ``geoid`` (11 digits), the largest sure surplus first: counts, the number of
        ``blocks_count`` and of ``undercounted_count`` blocks, and ``sure_surplus_count``, the sum
        of the low ends of the blocks that look undercounted.
    """
    tract = pd.Index(blocks.index.str[:_TRACT_DIGITS], name="geoid")
    flagged = blocks["verdict"] == BlockVerdict.UNDERCOUNTED
    rows = blocks[["listed_count", "bureau_count"]].assign(
        blocks_count=1.0,
        undercounted_count=flagged.astype(float),
        surplus_count=blocks["surplus_count"].where(flagged, 0.0),
        sure_surplus_count=blocks["surplus_low80_count"].where(flagged, 0.0),
    )
    sums = rows.groupby(tract.to_numpy()).sum().rename_axis("geoid")
    return sums.sort_values(["sure_surplus_count", "surplus_count"], ascending=False, kind="stable")


def _judge(table: pd.DataFrame) -> "pd.Series[str]":
    """Judge each block by the range of its surplus; less than one home is no finding."""
    rules = {
        BlockVerdict.NOTHING: (table["listed_count"] < 1) & (table["bureau_count"] == 0),
        BlockVerdict.UNDERCOUNTED: table["surplus_low80_count"] >= 1,
        BlockVerdict.FEWER: table["surplus_high80_count"] <= -1,
    }
    chosen = np.select(
        list(rules.values()), [each.value for each in rules], default=BlockVerdict.WITHIN.value
    )
    return pd.Series(chosen, index=table.index)
