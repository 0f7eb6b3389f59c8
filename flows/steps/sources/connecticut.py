"""Find the tracts of a planning region of Connecticut, which the rates do not know."""

from flows.steps.notes import Notes
from geo.boundaries import fetch_boundaries
from outreach import connecticut
from outreach.campaign import Area, Campaign
from outreach.errors import NothingThere
from outreach.phrasing import write_count
from outreach.settings import Settings
from outreach.transport import Transport


def resolve_regions(
    campaign: Campaign, settings: Settings, transport: Transport, notes: Notes
) -> Campaign:
    """Name the tracts of each area that is a planning region of Connecticut.

    The tracts are those of the boundary file of 2022, under the county codes that the campaign's
    own boundary file has. Any other campaign is returned as it is.

    Raises
    ------
    NothingThere
        The region has no tract in the boundary files.
    ServiceError, GeographyError
        A boundary file cannot be had or read.
    """
    areas = [_resolve_area(area, campaign, settings, transport, notes) for area in campaign.areas]
    return campaign.model_copy(update={"areas": tuple(areas)})


def _resolve_area(
    area: Area, campaign: Campaign, settings: Settings, transport: Transport, notes: Notes
) -> Area:
    """Name the tracts of one area if it is a planning region."""
    if area.state != connecticut.STATE or area.county not in connecticut.REGIONS or area.tracts:
        return area
    folder, edition = settings.files_cache, campaign.vintages.boundaries
    newest = max(edition, connecticut.FIRST_VINTAGE)
    regions, _ = fetch_boundaries(transport, newest, area.state, folder)
    ours, _ = fetch_boundaries(transport, campaign.census_year, area.state, folder)
    inside = regions.index[regions.index.str[:5] == area.state + area.county]
    tracts = connecticut.recode_tracts(inside, ours.index)
    tracts = tracts[tracts.isin(ours.index)]
    if tracts.empty:
        raise NothingThere(
            f"The boundary file of {newest} has no tract in {area.label}.",
            "Check the county code in [[areas]].",
        )
    counties = ", ".join(sorted({code[:5] for code in tracts}))
    notes.add(
        f"{area.state}{area.county} is Connecticut's {connecticut.REGIONS[area.county]} planning"
        f" region. Its {write_count(len(tracts), 'tract')} have the county codes {counties} in the"
        f" rates of {campaign.census_year}."
    )
    return Area(state=area.state, place=area.place, tracts=tuple(sorted(tracts)))
