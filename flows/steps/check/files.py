"""Check that the files of a campaign can be read and fit one another."""

from collections.abc import Iterator
from pathlib import Path

from flows.steps.check.finding import Finding, suggest_names
from flows.steps.indicators.read import find_indicator
from flows.steps.sites.read import find_layer
from flows.steps.sources.districts import name_folder, read_named
from geo.boundaries import read_boundaries
from geo.crosswalk.sources import read_hud, read_user_crosswalk
from geo.districts import read_districts
from geo.zip_crosswalk import FETCH
from outreach.campaign import AUTO, Campaign, Districts
from outreach.errors import InputError, OutreachError, ServiceUnavailable
from outreach.partners import match_codes
from outreach.settings import Settings
from outreach.tables import DistrictShapes, GeoDataFrame
from outreach.transport import Transport

#: Larger block files are not read, because that alone takes longer than the whole check.
_LARGEST_BLOCKS_BYTES = 50_000_000


def check_files(campaign: Campaign, settings: Settings, transport: Transport) -> Iterator[Finding]:
    """Read every file that the campaign or the settings name, and compare their codes."""
    yield from _check_settings(settings)
    yield from _check_zips(campaign, settings, transport)
    yield from _check_indicators(campaign, settings, transport)
    yield from _check_places(campaign, settings, transport)

    # Read each kind of district once; floors and crosswalks must name districts that it has.
    names = [name_folder(districts.name) for districts in campaign.districts]
    for number, districts in enumerate(campaign.districts, start=1):
        key = f"districts[{number}]"
        if name_folder(districts.name) in names[: number - 1]:
            yield Finding(
                f"'{key}.name': '{districts.name}' has the same folder name as another kind of"
                " district. Give each kind a name of its own."
            )
        try:
            shapes, notes = read_named(districts, transport, settings)
        except OutreachError as error:
            is_fault = not isinstance(error, ServiceUnavailable)
            yield Finding(f"'{key}.file': {error}", is_fault=is_fault)
            continue
        for note in notes:
            yield Finding(f"'{key}.file': {note}", is_fault=False)
        yield from _check_crosswalk(shapes, campaign, districts, key)
        yield from _check_floors(shapes, campaign, districts)


def _check_settings(settings: Settings) -> Iterator[Finding]:
    """Check that the files of the settings are there."""
    for name in ("geotargets", "location_codes", "platform_rules"):
        path = getattr(settings, name)
        if path is not None and not path.exists():
            yield Finding(
                f"OUTREACH_{name.upper()} names {path}, and there is no such file or folder."
                " Correct the setting."
            )


def _check_zips(campaign: Campaign, settings: Settings, transport: Transport) -> Iterator[Finding]:
    """Check the files of ZIPs and blocks."""
    units = campaign.units
    try:
        if Path(units.zips).suffix.lower() in {".xlsx", ".csv"}:
            tracts = read_hud(Path(units.zips))["source"]
            if not tracts.str.startswith(campaign.codes).any():
                yield Finding(
                    f"'units.zips': no tract of {units.zips} lies in the campaign's areas; its"
                    f" first one is {tracts.iloc[0]}. Name HUD's file of the campaign's state."
                )
        elif units.zips:
            read_districts(
                "ZIP",
                units.zips,
                units.zip_column,
                transport=transport,
                cache_folder=settings.files_cache,
            )
    except OutreachError as error:
        yield Finding(f"'units.zips': {error}", is_fault=not isinstance(error, ServiceUnavailable))
    if units.blocks and units.blocks != FETCH:
        yield from _check_blocks(campaign, Path(units.blocks))


def _check_indicators(
    campaign: Campaign, settings: Settings, transport: Transport
) -> Iterator[Finding]:
    """Read the files of indicators, and look for tracts of the campaign in them."""
    for number, indicator in enumerate(campaign.indicators, start=1):
        key = f"'indicators[{number}]'"
        try:
            pull = find_indicator(indicator, settings, transport)
        except OutreachError as error:
            yield Finding(f"{key}: {error}", is_fault=not isinstance(error, ServiceUnavailable))
            continue
        if pull.now.source.note:
            yield Finding(f"{key}: {pull.now.source.note}", is_fault=False)
        codes = pull.now.table.index
        if not codes.str[:2].isin([area.state for area in campaign.areas]).any():
            yield Finding(
                f"{key}: no tract of {indicator.file} is in the campaign's states; its first one is"
                f" {codes[0]}. Name the file of this area, with eleven-digit tract codes."
            )


def _check_places(
    campaign: Campaign, settings: Settings, transport: Transport
) -> Iterator[Finding]:
    """Read the files of places; where they lie is known when the run has its tracts."""
    for number, layer in enumerate(campaign.places, start=1):
        key = f"'places[{number}]'"
        try:
            pull = find_layer(layer, settings, transport)
        except OutreachError as error:
            yield Finding(f"{key}: {error}", is_fault=not isinstance(error, ServiceUnavailable))
            continue
        if pull.source.note:
            yield Finding(f"{key}: {pull.source.note}", is_fault=False)


def _check_blocks(campaign: Campaign, path: Path) -> Iterator[Finding]:
    """Check a file of blocks; a large one is only looked for."""
    if not path.exists():
        yield Finding(f"'units.blocks': there is no file {path}. Correct the path.")
        return
    if path.is_file() and path.stat().st_size > _LARGEST_BLOCKS_BYTES:
        size = path.stat().st_size / 1e6
        yield Finding(
            f"'units.blocks': {path} is there ({size:,.0f} MB); it is read only by the run.",
            is_fault=False,
        )
        return
    try:
        blocks, _, _ = read_boundaries(path, "block", str(path))
    except OutreachError as error:
        yield Finding(f"'units.blocks': {error}")
        return
    if not blocks.index.str.startswith(campaign.codes).any():
        yield Finding(
            f"'units.blocks': no block of {path} lies in the campaign's areas; its first one is"
            f" {blocks.index[0]}. Name the 2020 block file of the campaign's state."
        )


def _check_crosswalk(
    shapes: GeoDataFrame[DistrictShapes], campaign: Campaign, districts: Districts, key: str
) -> Iterator[Finding]:
    """Check that a crosswalk is of the campaign's tracts and of these districts."""
    if districts.crosswalk in {None, AUTO}:
        return
    path = Path(str(districts.crosswalk))
    try:
        crosswalk = read_user_crosswalk(path, districts.crosswalk_unit, ("tract", "district"))
    except OutreachError as error:
        yield Finding(f"'{key}.crosswalk': {error}")
        return

    codes = campaign.codes
    if not crosswalk["source"].str.startswith(codes).any():
        yield Finding(
            f"'{key}.crosswalk': no source of {path} is a tract of the campaign's areas; the first"
            f" one is '{crosswalk['source'].iloc[0]}'. Name the table of this area, with"
            " eleven-digit tract codes."
        )
        return
    # Households are not known yet, so a target weighs the tracts that it gets.
    rows = crosswalk[(crosswalk["target"] != "") & crosswalk["source"].str.startswith(codes)]
    try:
        note = match_codes(
            rows["target"],
            shapes.index,
            "targets of the crosswalk",
            "district of the file",
            str(path),
            rows.groupby("target")["weight"].sum(),
            weighed="tracts",
        )
    except InputError as error:
        yield Finding(f"'{key}.crosswalk': {error}")
        return
    if note:
        yield Finding(f"'{key}.crosswalk': {path}: {note}", is_fault=False)


def _check_floors(
    shapes: GeoDataFrame[DistrictShapes], campaign: Campaign, districts: Districts
) -> Iterator[Finding]:
    """Check that floors for these districts name one that the file has."""
    for number, floor in enumerate(campaign.floors, start=1):
        kind = floor.of or campaign.districts[0].name
        if floor.district is None or kind != districts.name or floor.district in shapes.index:
            continue
        yield Finding(
            f"'floors[{number}].district': {districts.file} has no district"
            f" '{floor.district}'. {suggest_names(floor.district, list(shapes.index))}"
        )
