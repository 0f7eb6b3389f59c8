"""Find the units of a test that touch, and group them by location."""

import pandas as pd

from geo.footprint import draw_footprints, group_near, list_touching
from models.trial.design import UNTIED, Ties, round_share
from outreach.campaign import Campaign
from outreach.tables import GeoDataFrame, Tracts
from outreach.units import Arm

_PERCENT = 100
#: Units that touch are drawn together in groups of at most this many, because most would touch the
#: other arm if each were drawn alone. Groups are smaller if there would be fewer blocks than this.
_GROUP_SIZE, _LEAST_BLOCKS = 8, 3


def tie_units(units: pd.DataFrame, tracts: GeoDataFrame[Tracts], campaign: Campaign) -> Ties:
    """Find the units whose footprints touch, and group them by location.

    Parameters
    ----------
    units
        Targets.
    tracts
        For the footprints of the units.
    campaign
        Share of the holdout, and side of the buffers.
    """
    footprints = draw_footprints(units, tracts)
    separates = campaign.holdout.buffer != "none" and len(footprints)
    touching = tuple(list_touching(footprints)) if separates else ()
    if not touching:
        return UNTIED

    # A unit without a footprint is a group of its own.
    block_size = count_block(campaign.holdout.percent / _PERCENT)
    size = min(_GROUP_SIZE, len(units) // (_LEAST_BLOCKS * block_size))
    group = group_near(footprints, max(1, size)).reindex(units.index)
    alone = pd.Series(range(len(units), 2 * len(units)), index=units.index)
    side: Arm = Arm.HOLDOUT if campaign.holdout.buffer == "holdout" else Arm.TREAT
    return Ties(group.fillna(alone).astype(int), touching, side)


def count_block(share: float) -> int:
    """Return how many units a block with this holdout share has."""
    return round_share(share).denominator
