"""Fill the template of a campaign for an area, each line with where it comes from."""

import re
from collections.abc import Iterator

from geo.boundary_layers import LAYERS
from models.curves.season_file import load_season_model
from outreach.archive import Archive
from outreach.campaign import Area
from outreach.census.client import discover_datasets
from outreach.errors import OutreachError
from outreach.phrasing import write_count, write_date
from outreach.settings import Settings

#: The census that is planned for, and the last one.
_COMING, _LAST = 2030, 2020
#: States whose legislature has one house, whose districts are in the file of the upper one.
_ONE_HOUSE = frozenset({"11", "31"})
_PERCENT = 100.0
_NOTES_COLUMN = 34
_HOME = "the Bureau's map file"


def fill_template(text: str, name: str, area: Area, settings: Settings) -> str:
    """Return the template of a campaign filled for an area: a plan for the coming census.

    Parameters
    ----------
    text
        The template.
    name, area
        What the area is called, and its codes.
    settings
        Where the archive is.

    Returns
    -------
    str
        Codes, years, vintages, goal, and districts filled in; every other line as it was.
    """
    newest = {
        dataset: max(found.vintages)
        for dataset, found in discover_datasets().items()
        if dataset in {"acs5", "planning_database"}
    }
    acs, database = newest["acs5"], newest["planning_database"]
    goal, source = find_goal(area, settings)
    known = "the newest that this version knows"
    lines = {
        r"^name = .*$": f'name = "{name}"',
        r"^census_year = .*$": _note(
            f"census_year = {_COMING}", f"the coming census; {_LAST} works on archived rates"
        ),
        r"^goal_percent = .*$": _note(f"goal_percent = {goal:.1f}", source),
        r"^deadline = .*$": _note(f"deadline = {_COMING}-10-15", f"assumed: as in {_LAST}"),
        r"^acs = .*$": _note(f"acs = {acs}", f"last year of the five; {known}"),
        r"^planning_database = .*$": _note(f"planning_database = {database}", known),
        r"^boundaries = .*$": _note(
            f"boundaries = {_LAST}", f"the tracts of the final rates of {_LAST}"
        ),
        r'^state = "17"\ncounty = "031"\n# place = .*$': "\n".join(_write_codes(area)),
    }
    for pattern, line in lines.items():
        text, count = re.subn(f"(?m){pattern}", lambda _, line=line: line, text, count=1)  # type: ignore[misc]
        assert count, pattern
    return f"{text.rstrip()}\n\n{_write_districts(area, acs)}"


def find_goal(area: Area, settings: Settings) -> tuple[float, str]:
    """Return a goal in percent from the last census, and where it comes from.

    It is the mean of the final rates of the area's tracts in the archive, or the template's 75.
    """
    default = 75.0
    if area.place:
        return default, "a default: which tracts a place has is known at its first run"
    archive = Archive(settings.archive_folder, _LAST)
    season = load_season_model().move(_LAST)
    try:
        date = archive.latest_date(area.codes, through=season.final)
        rates = None if date is None else archive.read(area.codes, on=date)["cumulative_share"]
    except OutreachError:
        date, rates = None, None
    if date is None or rates is None or not rates.notna().any():
        return default, f"a default: the archive has no rates of {_LAST} for this area"
    return round(_PERCENT * float(rates.mean()), 1), (
        f"the mean of {write_count(int(rates.notna().sum()), 'tract')} on {write_date(date)}, from"
        " the archive; ask for more"
    )


def _note(line: str, source: str) -> str:
    """Return a line with where it comes from, in the column of the template's notes."""
    return f"{line:<{_NOTES_COLUMN}}# {source}"


def _write_codes(area: Area) -> Iterator[str]:
    """Yield the lines of an area's codes."""
    sources = {
        "state": "FIPS code",
        "county": "FIPS code",
        "place": f"code of the Bureau's file of places of {_LAST}",
    }
    for key, source in sources.items():
        code = getattr(area, key)
        if code:
            yield _note(f'{key} = "{code}"', source)


def _write_districts(area: Area, year: int) -> str:
    """Return the districts that the Bureau offers of a state, each with its file."""
    blocks = []
    kinds = {"senate": "State senate", "house": "State house", "place": "Place"}
    if area.state in _ONE_HOUSE:
        kinds = {"senate": "Legislature", "place": "Place"}
    if area.place:
        del kinds["place"]
    for layer, name in kinds.items():
        address = LAYERS[layer].address(year, area.state, "cartographic")
        blocks.append(_write_block(name, address, "GEOID", "NAMELSAD", f"{_HOME} of {year}"))
    address = LAYERS["zcta"].address(year, area.state, "cartographic")
    note = f"{_HOME} of 2020, the only year; of the whole nation, a large download"
    zips = _write_block("ZIP", address, "GEOID20", "ZCTA5CE20", note)
    blocks.append("".join(f"# {line}\n" for line in zips.splitlines()))
    return "\n".join(blocks)


def _write_block(name: str, address: str, identity: str, title: str, source: str) -> str:
    """Return one kind of district as the campaign writes it."""
    return (
        f'[[districts]]\nname = "{name}"\nfile = "{address}"   # {source}\n'
        f'id_column = "{identity}"\nname_column = "{title}"\n'
    )
