"""Relate the tracts of one census to those of the next by the Bureau's file.

Which files there are, where, and with which columns is declared in ``relationships.toml`` beside
this module. That of 2020 and 2030 is not published yet, so its name and columns are assumed.
"""

import tomllib
from functools import cache
from importlib import resources
from pathlib import Path

import pandas as pd
from pydantic import Field

from geo.crosswalk.sources import read_bureau_text
from geo.crosswalk.table import make_crosswalk, weigh_by_first
from geo.download import Download, fetch_file
from outreach.errors import GeographyError, QueryRefused
from outreach.evidence import Evidence, Status
from outreach.tables import Crosswalk, DataFrame
from outreach.transport import FILES_URL, Transport
from outreach.user_files.cells import read_numbers

_DECLARED = "relationships.toml"


class RelationshipFile(Evidence):
    """A file that relates the tracts of two censuses, and what is known of it.

    Parameters
    ----------
    years
        The earlier and the later census.
    address
        Below the Bureau's file server.
    codes, housing_shares
        Columns of each year's codes and of the share of its housing units (0-100).
    land, area
        Columns of the land and of the whole area of each part.
    """

    years: tuple[int, int]
    address: str = Field(pattern=r"^/\S+$")
    codes: tuple[str, str]
    housing_shares: tuple[str, str]
    land: str
    area: str

    @property
    def full_address(self) -> str:
        """The whole address."""
        return f"{FILES_URL}{self.address}"

    @property
    def columns(self) -> list[str]:
        """The columns that are read."""
        return [*self.codes, *self.housing_shares, self.land, self.area]


@cache
def list_relationships() -> tuple[RelationshipFile, ...]:
    """Return the declared files, oldest first."""
    text = resources.files("geo.crosswalk").joinpath(_DECLARED).read_text(encoding="utf-8")
    return tuple(RelationshipFile.model_validate(one) for one in tomllib.loads(text)["file"])


def find_relationship(one_year: int, other_year: int) -> RelationshipFile:
    """Return the declared file of two censuses, in either order.

    Raises
    ------
    GeographyError
        None is declared.
    """
    years = tuple(sorted((one_year, other_year)))
    for file in list_relationships():
        if file.years == years:
            return file
    raise GeographyError(
        f"No file is declared that relates the tracts of {years[0]} to those of {years[1]}.",
        "Choose vintages on tracts of neighboring censuses.",
    )


def fetch_relationship(transport: Transport, file: RelationshipFile, folder: Path) -> Download:
    """Fetch a relationship file into a cache folder.

    Raises
    ------
    GeographyError
        The Bureau gives out no such file.
    ServiceError
        The server cannot be reached and there is no cached copy.
    """
    earlier, later = file.years
    try:
        return fetch_file(transport, file.full_address, folder)
    except QueryRefused as error:
        assumed = " (an assumed name)" if file.status == Status.ASSUMED else ""
        raise GeographyError(
            f"The Bureau gives out no file that relates the tracts of {earlier} to those of"
            f" {later}: there is none at {file.full_address}{assumed}.",
            f"Use boundaries and predictors on tracts of the same census until it is published; if"
            f" it has another name, correct geo/crosswalk/{_DECLARED}.",
        ) from error


def read_relationship(
    content: bytes, file: RelationshipFile | None = None
) -> tuple[DataFrame[Crosswalk], DataFrame[Crosswalk]]:
    """Read a relationship file of tracts.

    Parameters
    ----------
    content
        A zip archive with one delimited text file, or that text.
    file
        Its declaration; that of 2010 and 2020 by default.

    Returns
    -------
    DataFrame, DataFrame
        The crosswalk from the earlier tracts to the later ones, weighted by the share of the
        earlier tract's housing units, and the one back. A tract without housing units is weighed
        by land area, and by all area if it has no land; ``unit`` says which.

    Raises
    ------
    GeographyError
        The content is no such table, or lacks a column.
    """
    file = file or list_relationships()[0]
    records = read_bureau_text(content, file.columns, file.full_address)
    return relate_tracts(records, file)


def relate_tracts(
    records: pd.DataFrame, file: RelationshipFile | None = None
) -> tuple[DataFrame[Crosswalk], DataFrame[Crosswalk]]:
    """Build both crosswalks of :func:`read_relationship` from the file's records.

    Parameters
    ----------
    records
        The declared columns; figures may be text or numbers.
    file
        The declaration; that of 2010 and 2020 by default.
    """
    file = file or list_relationships()[0]
    origin, units = file.full_address, ("housing_units", "land_area", "area")
    crosswalks = []
    for here, there in ((0, 1), (1, 0)):
        source, target = file.codes[here], file.codes[there]
        measures = [
            read_numbers(records[column], origin, blank=True, low=0)
            for column in (file.housing_shares[here], file.land, file.area)
        ]
        weight, unit = weigh_by_first(records[source], measures, units)
        pairs = pd.DataFrame(
            {"source": records[source], "target": records[target], "weight": weight}
        )
        kinds = (f"tract{file.years[here]}", f"tract{file.years[there]}")
        crosswalks.append(make_crosswalk(pairs, unit, "relationship", kinds, origin))
    return crosswalks[0], crosswalks[1]
