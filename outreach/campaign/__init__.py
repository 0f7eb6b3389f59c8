"""Read, validate, and freeze what a planner requests in ``campaign.toml``."""

from outreach.campaign.buying import ChannelRequest, FloorRequest, UnitRequest
from outreach.campaign.indicators import INDICATOR_PREFIX, Indicator, date_moment
from outreach.campaign.model import Campaign
from outreach.campaign.overlap import merge_areas
from outreach.campaign.parts import (
    Area,
    CampaignKind,
    Districts,
    Flight,
    ForecastBlend,
    Holdout,
    MapRequest,
    PartnerActivity,
    Vintages,
)
from outreach.campaign.places import PlaceLayer
from outreach.campaign.read import AUTO, parse_campaign, read_campaign, resolve_files

__all__ = [
    "AUTO",
    "INDICATOR_PREFIX",
    "Area",
    "Campaign",
    "CampaignKind",
    "ChannelRequest",
    "Districts",
    "Flight",
    "FloorRequest",
    "ForecastBlend",
    "Holdout",
    "Indicator",
    "MapRequest",
    "PartnerActivity",
    "PlaceLayer",
    "UnitRequest",
    "Vintages",
    "date_moment",
    "merge_areas",
    "parse_campaign",
    "read_campaign",
    "resolve_files",
]
