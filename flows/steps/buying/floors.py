"""Find the language or district whose floor each tract counts toward."""

import pandas as pd

from flows.steps.sources.districts import DividedKinds
from geo.crosswalk.table import find_main_targets
from models.audience.languages import LANGUAGES
from models.scores.languages import cover_languages
from outreach.campaign import Campaign, Districts, FloorRequest
from outreach.errors import CampaignError
from outreach.phrasing import list_names, write_percent
from outreach.tables import GeoDataFrame, Tracts

#: A tract counts toward a language's floor if at least this share of its people speak the language
#: and little English.
LANGUAGE_SHARE = 0.05
#: Most languages or districts that a sentence lists.
_LISTED = 12


def group_tracts(
    tracts: GeoDataFrame[Tracts], campaign: Campaign, divided: DividedKinds
) -> "pd.Series[str] | None":
    """Return the language or district whose floor each tract counts toward, by ``geoid``.

    A tract counts toward the language that most of its people with little English speak, if they
    are at least :data:`LANGUAGE_SHARE` of all people; or toward the district with most of it, as
    the whole run divides its tracts: by homes where they can be had, else by land.

    Returns
    -------
    Series or None
        ``None`` if no floor is for a language or district.

    Raises
    ------
    CampaignError
        A floor names a district that does not exist, or a language that no tract speaks enough.
    """
    floors = [floor for floor in campaign.floors if floor.channel is None]
    if not floors:
        return None
    if floors[0].language:
        groups = _group_by_language(tracts, floors)
        condition = (
            f"is spoken, with little English, by at least {write_percent(LANGUAGE_SHARE)} of a"
            " tract's people"
        )
    else:
        districts = next(
            (each for each in campaign.districts if each.name == floors[0].of),
            campaign.districts[0],
        )
        groups = _group_by_district(districts, divided)
        condition = f"is a district of {districts.name} with a tract in it"

    for floor in floors:
        if floor.subject not in set(groups):
            there = sorted(set(groups if floor.language is None else _list_spoken(tracts)))
            raise CampaignError(
                f"'{floor.subject}' has a floor, but nothing here {condition}."
                + (f" What there is: {list_names(there, _LISTED)}." if there else ""),
                "Correct or remove that floor.",
            )
    return groups.rename("group").rename_axis("geoid")


def price_floors(campaign: Campaign) -> dict[str, float]:
    """Return each floor in US dollars, by the language, district, or channel that it is for."""
    return {floor.subject: floor.price(campaign.budget_usd) for floor in campaign.floors}


def _group_by_language(
    tracts: GeoDataFrame[Tracts], floors: list[FloorRequest]
) -> "pd.Series[str]":
    """Return the language of each tract in which enough people speak one of the floors."""
    covered = {
        floor.subject: cover_languages(tracts, (floor.subject,))["covered_share"]
        for floor in floors
    }
    speakers = pd.DataFrame(covered)
    # A share of exactly 1 stands for a tract without language data.
    speakers = speakers.where(speakers < 1, 0.0)
    return speakers.idxmax(axis=1)[speakers.max(axis=1) >= LANGUAGE_SHARE].astype(str)


def _list_spoken(tracts: GeoDataFrame[Tracts]) -> list[str]:
    """List the languages beside English that enough people of a tract speak, by code."""
    shares = {
        code: cover_languages(tracts, (code,))["covered_share"]
        for code in LANGUAGES
        if code != "en"
    }
    # A share of exactly 1 stands for a tract without language data.
    return [
        code
        for code, share in shares.items()
        if share.where(share < 1, 0.0).max() >= LANGUAGE_SHARE
    ]


def _group_by_district(districts: Districts, divided: DividedKinds) -> "pd.Series[str]":
    """Return the district that most of each tract belongs to."""
    main = find_main_targets(divided.divide(districts).crosswalk)
    groups: pd.Series[str] = main["target"][main["target"] != ""]
    return groups
