"""Fetch which places and ZIPs lie in which county, for the search of the atlas."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from geo.crosswalk.sources import ZCTA_RELATIONSHIP
from geo.download import fetch_file
from geo.place_counties import PLACES_BY_COUNTY, read_place_counties, read_zip_counties
from maps.atlas.inputs import Finder
from outreach.errors import GeographyError, ServiceError
from outreach.transport import Transport


def fetch_finder(transport: Transport, folder: Path) -> tuple[Finder, tuple[str, ...]]:
    """Fetch the Bureau's lists of places and of ZIP areas, or their cached copies.

    Parameters
    ----------
    transport
        The HTTP session.
    folder
        The file cache.

    Returns
    -------
    finder : Finder
        A list that is not to be had is empty.
    notes : tuple of str
        Why it is not, for the maker of the atlas.
    """
    notes: list[str] = []
    tables: dict[str, pd.DataFrame] = {}
    sources: dict[str, tuple[str, Callable[[bytes], pd.DataFrame]]] = {
        "places": (PLACES_BY_COUNTY, read_place_counties),
        "ZIPs": (ZCTA_RELATIONSHIP, read_zip_counties),
    }
    for what, (address, read) in sources.items():
        try:
            file = fetch_file(transport, address, folder)
            tables[what] = read(file.path.read_bytes())
            notes += [f"The list of {what}: {file.note}"] if file.note else []
        except (ServiceError, GeographyError) as error:
            notes.append(f"The atlas cannot be searched for {what}. {error.what}")
    nothing = Finder()
    finder = Finder(tables.get("places", nothing.places), tables.get("ZIPs", nothing.zips))
    return finder, tuple(notes)
