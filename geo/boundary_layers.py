"""Locate the Bureau's boundary files by kind of area, vintage, and state.

Source: cartographic boundary files (``GENZ``, 1:500,000, clipped to the shore) and TIGER/Line files
(not clipped) under https://www2.census.gov/geo/tiger/.
"""

from dataclasses import dataclass, field
from typing import Literal

from outreach.errors import GeographyError
from outreach.transport import FILES_URL

#: The first year with cartographic files of tracts at 1:500,000 under names like these, and the
#: first whose files are in a folder ``shp``.
FIRST_YEAR, _SHP_FOLDER_SINCE = 2013, 2014

Edition = Literal["cartographic", "tiger"]


@dataclass(frozen=True, slots=True)
class BoundaryLayer:
    """One kind of area in the Bureau's files.

    Parameters
    ----------
    cartographic, tiger
        File name, and folder and file name, by edition, with ``{year}`` and ``{state}``. Empty if
        there is no such file.
    code_length
        Number of digits of a code.
    counts
        Columns of counts to keep, by our name.
    texts
        Columns of text to keep if the file has them, by our name.
    only_year
        The one year with a cartographic file, whatever year is requested; 0 if each year has one.
    """

    cartographic: str
    tiger: str
    code_length: int
    counts: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    only_year: int = 0

    def address(self, year: int, state: str, edition: Edition) -> str:
        """Return the public address of a file; national layers ignore the state."""
        template = self.cartographic if edition == "cartographic" else self.tiger
        if not template:
            raise GeographyError(
                f"There is no {edition} file for this kind of area.", "Use the TIGER edition."
            )
        if year < FIRST_YEAR:
            raise GeographyError(
                f"There are no boundary files of {year} that can be used.",
                f"Choose {FIRST_YEAR} or later in [vintages] boundaries.",
            )
        folder = f"TIGER{year}"
        if edition == "cartographic":
            year = self.only_year or year
            folder = f"GENZ{year}/shp" if year >= _SHP_FOLDER_SINCE else f"GENZ{year}"
        return f"{FILES_URL}/geo/tiger/{folder}/{template.format(year=year, state=state)}"


LAYERS = {
    "tract": BoundaryLayer(
        "cb_{year}_{state}_tract_500k.zip", "TRACT/tl_{year}_{state}_tract.zip", 11
    ),
    "county": BoundaryLayer(
        "cb_{year}_us_county_500k.zip",
        "COUNTY/tl_{year}_us_county.zip",
        5,
        texts={"full_name": "NAMELSAD"},
    ),
    "place": BoundaryLayer(
        "cb_{year}_{state}_place_500k.zip",
        "PLACE/tl_{year}_{state}_place.zip",
        7,
        texts={"full_name": "NAMELSAD"},
    ),
    "town": BoundaryLayer(
        "cb_{year}_{state}_cousub_500k.zip", "COUSUB/tl_{year}_{state}_cousub.zip", 10
    ),
    "senate": BoundaryLayer(
        "cb_{year}_{state}_sldu_500k.zip", "SLDU/tl_{year}_{state}_sldu.zip", 5
    ),
    "house": BoundaryLayer("cb_{year}_{state}_sldl_500k.zip", "SLDL/tl_{year}_{state}_sldl.zip", 5),
    # Published in 2020 and never again (walkerke/pygris issue 31).
    "zcta": BoundaryLayer(
        "cb_{year}_us_zcta520_500k.zip",
        "ZCTA520/tl_{year}_us_zcta520.zip",
        5,
        only_year=2020,
    ),
    "block": BoundaryLayer(
        "",
        "TABBLOCK20/tl_{year}_{state}_tabblock20.zip",
        15,
        counts={"housing_units_count": "HOUSING20", "population_count": "POP20"},
    ),
}
