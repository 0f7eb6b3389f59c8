"""Gather roads, rails, water, parks, and names for the map of a campaign."""

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

from flows.steps.notes import Notes
from flows.steps.sites.gather import GatheredSites
from flows.steps.sources.districts import DividedKinds, MapDistricts, gather_outlines
from geo.context import fetch_context
from maps.context.describe import describe_context, describe_counties
from maps.context.inputs import MapContext
from maps.run.county_maps import MOST_TRACTS
from outreach.campaign import Campaign
from outreach.store import Input

#: The file of a run that keeps what its map shows around the tracts, for later pages of the run.
CONTEXT_FILE = "map_context.json"


@dataclass(frozen=True)
class Surroundings:
    """What a map shows besides its tracts.

    Parameters
    ----------
    districts
        Those of the campaign.
    context
        Roads, water, and names, as :func:`maps.context.describe.describe_context` writes them, or
        :func:`maps.context.describe.describe_counties` for a map that is divided by county.
    sources
        The manifest's record of each file of the context.
    sites
        Places where people get help, from the campaign's own files.
    """

    districts: MapDistricts | None = None
    context: dict[str, Any] | None = None
    sources: tuple[Input, ...] = ()
    sites: GatheredSites | None = None

    @property
    def context_json(self) -> str:
        """The context as a file of the run keeps it."""
        return json.dumps(self.context, ensure_ascii=False, separators=(",", ":")) + "\n"


def gather_surroundings(campaign: Campaign, divided: DividedKinds, notes: Notes) -> Surroundings:
    """Read the districts of a campaign, and fetch what shows people where they are.

    What is missing of the context is one note; ``[map] context`` switches it off.

    Parameters
    ----------
    campaign
        Names the districts.
    divided
        The districts of the run, its tracts, and the machine.
    notes
        Takes what was repaired or is missing.
    """
    districts = gather_outlines(campaign.districts, divided, notes)
    if not campaign.map.context:
        return Surroundings(districts)
    year = campaign.vintages.boundaries
    tracts = divided.tracts
    ground = fetch_context(divided.transport, year, tracts, divided.settings.files_cache)
    notes.add(ground.note)
    context = MapContext(shapes=ground.shapes, streets=ground.streets)
    sources = tuple(
        Input(
            name="map context",
            address=file.address,
            vintage=year,
            rows=rows,
            sha256=file.sha256,
            fetched_at=dt.datetime.fromisoformat(file.fetched_at),
            requests=1,
            note=file.note,
        )
        for file, rows in ground.files
    )
    describe = describe_counties if len(tracts) > MOST_TRACTS else describe_context
    return Surroundings(districts, describe(context, tracts), sources)
