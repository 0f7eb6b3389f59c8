"""Find the units of a test that touch, and group them by location."""

import geopandas as gpd
import pandas as pd

from flows.steps.buying.trial.flight_outlook import DELIVERED
from geo.footprint import Outline, group_near, list_touching
from models.trial.design import UNTIED, Ties, round_share
from outreach.campaign import Campaign
from outreach.errors import ModelError
from outreach.phrasing import write_percent
from outreach.units import Arm, name_kind

_PERCENT = 100
#: Units that touch are drawn together in groups of at most this many, because most would touch the
#: other arm if each were drawn alone. Groups are smaller if there would be fewer blocks than this.
_GROUP_SIZE, _LEAST_BLOCKS = 8, 3
#: Areas of a test of saturation: about this many, of at most this many units or more.
_AREAS, _LEAST_AREA_SIZE = 16, 6


def tie_units(units: pd.DataFrame, footprints: gpd.GeoDataFrame, campaign: Campaign) -> Ties:
    """Find the units whose footprints touch, and group them by location.

    Parameters
    ----------
    units
        Targets.
    footprints
        Of the units (:func:`geo.footprint.draw_footprints`).
    campaign
        Design and share of the holdout, and side of the buffers.

    Raises
    ------
    ModelError
        A test of saturation has a unit without a footprint.
    """
    if campaign.holdout.design == "saturation":
        return Ties(area=_draw_areas(units, footprints))
    separates = has_buffers(campaign) and len(footprints)
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


def has_buffers(campaign: Campaign) -> bool:
    """Return whether arms that touch are kept apart; a test of saturation measures the spill."""
    return campaign.holdout.buffer != "none" and campaign.holdout.design != "saturation"


def _draw_areas(units: pd.DataFrame, footprints: gpd.GeoDataFrame) -> "pd.Series[int]":
    """Divide units into compact areas, of which some will be drawn high and some low.

    Raises
    ------
    ModelError
        A unit has no footprint, so nobody knows which area it belongs to.
    """
    unknown = units.index.difference(footprints.index)
    if len(unknown):
        raise ModelError(
            f"{len(unknown):,} units, such as {unknown[0]}, have no ground here, so no areas can be"
            " drawn around them.",
            'Name a map of them in [units], or set [holdout] design = "blocks".',
        )
    return group_near(footprints, max(_LEAST_AREA_SIZE, len(units) // _AREAS))


def count_block(share: float) -> int:
    """Return how many units a block with this holdout share has."""
    return round_share(share).denominator


def describe_contact(units: pd.DataFrame, footprints: gpd.GeoDataFrame, campaign: Campaign) -> str:
    """Say how far it is known which units touch, and what ads that spill over would do.

    Empty where every unit has an outline of its own, or the campaign requests no buffers.
    """
    if not has_buffers(campaign):
        return ""
    noun, unknown = name_kind(campaign.units.kind), len(units) - len(footprints)
    sentences = []
    bounds = int((footprints["outline"] == Outline.TRACTS).sum())
    if bounds:
        sentences.append(
            f"{bounds:,} {noun} have no outline here, so contact is taken from the tracts that they"
            " share. That is a bound from above: some buffers may not be needed."
        )
    if unknown:
        examples = ", ".join(
            f"{(1 - spill):.2f} times the effect at {write_percent(spill)}"
            for spill in (0.1, 0.2, 1 - DELIVERED.value)
        )
        sentences.append(
            f"Whether {unknown:,} of {len(units):,} {noun} touch others is not known, because"
            " neither their outlines nor those of their tracts are at hand, so no buffers keep"
            " their arms apart. Where held-out places see a part of the ads, a test sees the"
            f" effect times 1 less that part: {examples} (published for ads in ZIPs). Name a map of"
            " them in [units] to get buffers."
        )
    return " ".join(sentences)
