"""Fetch the boundary files of an atlas, and record which are missing and why."""

from dataclasses import dataclass, field

import geopandas as gpd
from pydantic import SecretStr

from flows.steps.sources.place_finder import fetch_finder
from geo.boundaries import fetch_boundaries
from maps.atlas.inputs import Finder
from maps.atlas.places import name_state
from maps.atlas.words import say_unmapped
from outreach.catalog import MOTHER, read_words
from outreach.errors import GeographyError, QueryRefused, ServiceError, ServiceUnavailable
from outreach.settings import Settings
from outreach.transport import Transport


@dataclass
class AtlasBoundaries:
    """Fetches boundary files, and records which are missing and why.

    A server that is down gets only one request for each further file.
    """

    settings: Settings
    year: int
    failed: dict[str, list[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._patient = self._transport = Transport(self.settings, SecretStr(""))
        impatient = self.settings.model_copy(update={"retries": 0, "timeout_seconds": 5.0})
        self._impatient = Transport(impatient, SecretStr(""))

    def fetch(self, state: str, layer: str) -> gpd.GeoDataFrame | None:
        """Return a boundary file, or ``None`` if it is not available."""
        reason = ""
        try:
            areas, report = fetch_boundaries(
                self._transport, self.year, state, self.settings.files_cache, layer
            )
        except ServiceUnavailable as error:
            self._transport = self._impatient
            reason = error.what if layer == "county" else "The file server cannot be reached."
        except QueryRefused as error:
            reason = error.what if layer == "county" else "The file server does not have them."
        except (ServiceError, GeographyError) as error:
            reason = error.what
        if reason:
            self._fail(state, layer, reason)
            return None
        self._transport = self._impatient if report.note else self._patient
        whose = "counties" if layer == "county" else name_state(state).name
        self.notes += [f"Boundaries of {whose}: {line}" for line in report.lines()[1:]]
        return areas

    def fetch_finder(self) -> Finder:
        """Return which places and ZIPs lead to which county; what cannot be had is empty."""
        finder, notes = fetch_finder(self._transport, self.settings.files_cache)
        self.notes += notes
        return finder

    def _fail(self, state: str, layer: str, reason: str) -> None:
        if layer == "county":
            self.notes.append(f"The boundary file of the counties is not available. {reason}")
        else:
            self.failed.setdefault(reason, []).append(name_state(state).name)

    def list_states(self) -> tuple[str, ...]:
        """Name the states without tract maps, for readers of the pages."""
        return tuple(sorted(name for names in self.failed.values() for name in names))

    def lines(self) -> tuple[str, ...]:
        """Say what is missing and why, and what was repaired, for the maker."""
        missing = (
            f"{say_unmapped(names, read_words(MOTHER)).removesuffix('.')}: their boundary files are"
            f" not available. {reason}"
            for reason, names in sorted(self.failed.items())
        )
        return (*missing, *self.notes)
