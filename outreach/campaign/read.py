"""Read and validate a campaign file."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from outreach.campaign.buying import ChannelRequest, FloorRequest, UnitRequest
from outreach.campaign.indicators import Indicator
from outreach.campaign.messages import explain_faults
from outreach.campaign.model import Campaign
from outreach.campaign.parts import (
    Area,
    CampaignPart,
    Districts,
    Flight,
    ForecastBlend,
    Holdout,
    MapRequest,
    PartnerActivity,
    PlannedEvent,
    Reach,
    VendorClaim,
    Vintages,
)
from outreach.campaign.places import PlaceLayer
from outreach.errors import CampaignError
from outreach.user_files.toml import read_toml

#: The value of ``units.blocks`` and of a district's ``crosswalk`` that means "download the Bureau's
#: block file".
AUTO = "auto"
#: Keys of ``[units]`` that name files.
_UNIT_FILES = ("zips", "blocks")

#: The model of each table, by its key.
_TABLES: dict[str, type[CampaignPart]] = {
    "areas": Area,
    "vintages": Vintages,
    "districts": Districts,
    "indicators": Indicator,
    "places": PlaceLayer,
    "map": MapRequest,
    "units": UnitRequest,
    "holdout": Holdout,
    "reach": Reach,
    "flight": Flight,
    "forecast": ForecastBlend,
    "events": PlannedEvent,
    "claim": VendorClaim,
    "activity": PartnerActivity,
    "channels": ChannelRequest,
    "floors": FloorRequest,
}


def read_campaign(path: Path) -> Campaign:
    """Read and validate a campaign file.

    Paths in it are relative to its folder; they come out ready to open from the working folder.

    Raises
    ------
    CampaignError
        The file is missing, is not TOML, or has a wrong value. The message names the file, the
        key, and what is allowed.
    """
    todo = "Run 'outreach init' to write one to start from."
    request = read_toml(path, "the campaign file", todo, CampaignError)
    campaign = parse_campaign(request, str(path))
    return resolve_files(campaign, lambda file: _anchor(file, path.parent))


def parse_campaign(request: dict[str, Any], origin: str) -> Campaign:
    """Validate a campaign.

    Parameters
    ----------
    request
        The tables and values, as TOML gives them.
    origin
        Where they come from, for messages: a file name.

    Raises
    ------
    CampaignError
        A value is wrong or a key unknown. The message has a sentence for each.
    """
    try:
        return Campaign.model_validate(request)
    except ValidationError as error:
        faults = error.errors(include_url=False)
    raise CampaignError(f"{origin}: " + " ".join(explain_faults(faults, _list_keys)))


def resolve_files(campaign: Campaign, resolve: Callable[[str], str]) -> Campaign:
    """Return a campaign whose files of the user are elsewhere.

    Parameters
    ----------
    campaign
        The request.
    resolve
        Gives the new path of a file, given its path or web address. "auto" is no file and stays.
    """
    districts = tuple(
        each.model_copy(
            update={name: _resolve(getattr(each, name), resolve) for name in ("file", "crosswalk")}
        )
        for each in campaign.districts
    )
    units = campaign.units.model_copy(
        update={name: _resolve(getattr(campaign.units, name), resolve) for name in _UNIT_FILES}
    )
    indicators = tuple(
        each.model_copy(update={"file": resolve(each.file)}) for each in campaign.indicators
    )
    places = tuple(each.model_copy(update={"file": resolve(each.file)}) for each in campaign.places)
    holdout = campaign.holdout.model_copy(
        update={"protocol": _resolve(campaign.holdout.protocol, resolve)}
    )
    return campaign.model_copy(
        update={
            "districts": districts,
            "indicators": indicators,
            "places": places,
            "units": units,
            "holdout": holdout,
        }
    )


def _resolve(file: str | None, resolve: Callable[[str], str]) -> str | None:
    """Give the new path of one file, if it is one."""
    return resolve(file) if file and file != AUTO else file


def _anchor(file: str, folder: Path) -> str:
    """Return a path as seen from the working folder; a web address stays."""
    return file if file.startswith(("http://", "https://")) else str(folder / file)


def _list_keys(location: tuple[Any, ...]) -> list[str]:
    """List the keys that are allowed at a place in the campaign."""
    model = _TABLES.get(str(location[0]), Campaign) if location else Campaign
    return list(model.model_fields)
