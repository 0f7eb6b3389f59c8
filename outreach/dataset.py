"""Declare what a Census dataset holds: API names, our names, units, plausible ranges."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from enum import StrEnum

from outreach.errors import QueryRefused


class Unit(StrEnum):
    """What a figure counts; the value is the ending of our column name."""

    COUNT = "count"
    SHARE = "share"  # published as a percentage (0-100), kept as 0-1
    USD = "usd"
    SCORE = "score"  # an index of the publisher, kept as published
    DATE = "date"
    TEXT = "text"


#: Every jam value of the Bureau is at or below this (census reference 1.4). The figure is then
#: missing, not negative.
JAM_CEILING = -111_111_111.0


@dataclass(frozen=True, slots=True)
class Variable:
    """One quantity of a dataset.

    Parameters
    ----------
    name
        Our column name. It ends in the unit, as in ``renter_households_count``.
    codes
        The API's names. Several are summed; the result is missing if any of them is.
    unit
        What it counts.
    low, high
        Plausible range in the *published* unit, for each code. A figure outside stops the run.
    label
        What it is, in plain words, for dictionaries and popups.
    margin
        Whether the API has a 90% margin of error for every code (``E`` becomes ``M``). It is kept
        as ``<name>_moe``.
    required
        Whether a row without a value is a fault (``True``) or an honest gap.
    bureau_labels
        The label of each code in the Bureau's ``variables.json``, without "Estimate" and colons.
        Empty where it is not known. A vintage whose own label differs is refused.
    first_vintage, last_vintage
        The vintages in which the codes mean this. A quantity whose codes move is declared once for
        each range.
    """

    name: str
    codes: tuple[str, ...]
    unit: Unit
    low: float = 0.0
    high: float = float("inf")
    label: str = ""
    margin: bool = False
    required: bool = False
    bureau_labels: tuple[str, ...] = ()
    first_vintage: int = 0
    last_vintage: int = 9999

    @property
    def margin_codes(self) -> tuple[str, ...]:
        """The API's names of the margins, in the order of ``codes``; empty without margins."""
        return tuple(f"{code.removesuffix('E')}M" for code in self.codes) if self.margin else ()

    @property
    def margin_name(self) -> str:
        """Our column name of the margin of error (90%, same unit)."""
        return f"{self.name}_moe"


@dataclass(frozen=True, slots=True)
class Dataset:
    """One dataset of the Census Data API: the part of it that we request.

    Parameters
    ----------
    name
        Our name, also the module's: ``responserate``.
    path
        The address after the vintage: ``dec/responserate``.
    vintages
        The years that this declaration was checked against. Others are tried, and the header of
        the answer decides.
    variables
        What we request. A code may hold ``{acs}``, which becomes the ACS period of a
        planning-database year (2020: ``14_18``).
    id_code
        The variable that identifies a row, ``GEO_ID`` or ``GIDTR``. Every chunk requests it, and
        chunks are joined by it.
    tract_year
        The census year of the tracts that the rows are on, by vintage.
    source
        Who publishes it, for captions and dictionaries.
    first_vintage
        The first vintage that can be used; an earlier one is refused.
    why_not_earlier
        The reason, as the end of a sentence.
    """

    name: str
    path: str
    vintages: tuple[int, ...]
    variables: tuple[Variable, ...]
    id_code: str = "GEO_ID"
    tract_year: dict[int, int] = field(default_factory=dict)
    source: str = "U.S. Census Bureau"
    first_vintage: int = 0
    why_not_earlier: str = ""

    def list_variables(self, vintage: int) -> tuple[Variable, ...]:
        """Return the variables that ``vintage`` has."""
        return tuple(
            variable
            for variable in self.variables
            if variable.first_vintage <= vintage <= variable.last_vintage
        )

    def refuse_early(self, vintage: int) -> None:
        """Refuse a vintage before the first one that can be used.

        Raises
        ------
        QueryRefused
            The sentence names the first usable vintage and why.
        """
        if vintage < self.first_vintage:
            raise QueryRefused(
                f"{self.name} {vintage} cannot be used: {self.why_not_earlier}.",
                f"Choose {self.first_vintage} or later in campaign.toml.",
            )

    def leave_out(self, names: Collection[str]) -> "Dataset":
        """Return this dataset without the variables of these names."""
        rest = tuple(variable for variable in self.variables if variable.name not in names)
        return replace(self, variables=rest)

    def codes(self, vintage: int) -> tuple[str, ...]:
        """Return every API name to request in ``vintage``, margins included, without repeats.

        ``id_code`` is not among them.
        """
        names = (
            code
            for variable in self.list_variables(vintage)
            for code in (*variable.codes, *variable.margin_codes)
        )
        return tuple(dict.fromkeys(self.spell(name, vintage) for name in names))

    def spell(self, code: str, vintage: int) -> str:
        """Return ``code`` as the API spells it in ``vintage``."""
        return code.replace("{acs}", f"{(vintage - 6) % 100:02d}_{(vintage - 2) % 100:02d}")
