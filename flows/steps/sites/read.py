"""Read the layers of places that a campaign has in files of its own."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from flows.steps.sources.pulled import hash_table
from geo.download import fetch_file
from outreach.campaign import Campaign, PlaceLayer
from outreach.settings import Settings
from outreach.store import Input
from outreach.transport import Transport
from outreach.user_files.sites import SITE_DETAILS, SiteColumns, read_sites


@dataclass(frozen=True)
class LayerPull:
    """The places of a layer as its file has them.

    Attributes
    ----------
    layer
        What the campaign says of it.
    sites
        As :func:`outreach.user_files.sites.read_sites` gives them, each with a kind.
    source
        Its record in the manifest.
    """

    layer: PlaceLayer
    sites: pd.DataFrame
    source: Input


def read_layers(campaign: Campaign, request: Campaign) -> list[LayerPull]:
    """Read every layer of places of a campaign.

    Parameters
    ----------
    campaign
        With files that are on the disk.
    request
        The same campaign as the planner wrote it, for the record of where files came from.

    Raises
    ------
    InputError
        A file cannot be read, or a place in it is wrong.
    """
    return [
        read_layer(layer, Path(layer.file), own.file)
        for layer, own in zip(campaign.places, request.places, strict=True)
    ]


def find_layer(layer: PlaceLayer, settings: Settings, transport: Transport) -> LayerPull:
    """Read a layer before a run keeps its file; one at a web address is downloaded.

    Raises
    ------
    ServiceError
        The file cannot be downloaded, and there is no cached copy.
    InputError
        As :func:`read_layers`.
    """
    path = Path(layer.file)
    if layer.file.startswith(("http://", "https://")):
        path = fetch_file(transport, layer.file, settings.files_cache).path
    return read_layer(layer, path, layer.file)


def read_layer(layer: PlaceLayer, path: Path, address: str) -> LayerPull:
    """Read one layer; parameters and errors are those of :func:`read_layers`."""
    details = {name: getattr(layer, f"{name}_column") or "" for name in SITE_DETAILS}
    columns = SiteColumns(
        name=layer.name_column or "",
        latitude=layer.latitude_column or "",
        longitude=layer.longitude_column or "",
        details={name: column for name, column in details.items() if column},
    )
    sites, notes = read_sites(path, f"the places '{layer.name}'", columns, layer.layer)
    named = sites["kind"].where(sites["kind"] != "", layer.kind or layer.name)
    sites = sites.assign(kind=_spell_alike(named))
    source = Input(
        name=f"places {layer.name}",
        address=address,
        rows=len(sites),
        sha256=hash_table(sites),
        fetched_at=dt.datetime.now(dt.UTC),
        note=" ".join(notes),
    )
    return LayerPull(layer, sites, source)


def _spell_alike(kinds: "pd.Series[str]") -> "pd.Series[str]":
    """Spell a kind as its first place does, whatever the capitals of the others."""
    first: dict[str, str] = {}
    return kinds.map(lambda kind: first.setdefault(kind.casefold(), kind))
