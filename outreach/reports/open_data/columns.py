"""Declare the columns of the open data and what each one says."""

from collections.abc import Mapping
from dataclasses import dataclass

_FORECAST = "Forecast of the share at the deadline; empty where there is no forecast."
_HIDDEN = "Columns of this row that are hidden because a count is small, separated by spaces."


@dataclass(frozen=True, slots=True)
class OpenColumn:
    """A column of the open data.

    Parameters
    ----------
    name
        Its name; the ending is the unit.
    kind
        Its Frictionless type: ``string``, ``number``, ``integer`` or ``date``.
    meaning
        What it says, in one sentence.
    """

    name: str
    kind: str
    meaning: str


TRACT_COLUMNS = (
    OpenColumn(
        "geoid",
        "string",
        "Census tract of the census of the rates, 11 digits: state 2, county 3, tract 6.",
    ),
    OpenColumn("name", "string", "Name of the tract."),
    OpenColumn(
        "status", "string", "rated: has a published rate; rateless: has none; water: no land."
    ),
    OpenColumn("data_date", "date", "Cut-off date that the Census Bureau gives the rate."),
    OpenColumn(
        "cumulative_share",
        "number",
        "Households that responded, as a share 0-1 (the Bureau's CRRALL / 100).",
    ),
    OpenColumn(
        "internet_share",
        "number",
        "Households that responded online, as a share 0-1 (CRRINT / 100).",
    ),
    OpenColumn(
        "households_count",
        "integer",
        "Households (American Community Survey, 5-year estimates); hidden where small.",
    ),
    OpenColumn(
        "missing_households_count",
        "integer",
        "Households x (1 - cumulative_share), an estimate; hidden where small.",
    ),
    OpenColumn(
        "change_7_points",
        "number",
        "Change of cumulative_share over 7 days, from the real days between publications.",
    ),
    OpenColumn("final_share", "number", _FORECAST),
    OpenColumn("final_low80_share", "number", "Lower end of the forecast's 80% range."),
    OpenColumn("final_high80_share", "number", "Upper end of the forecast's 80% range."),
    OpenColumn("final_2020_share", "number", "Final share in 2020, for plans of a later census."),
    OpenColumn(
        "final_2010_share",
        "number",
        "Final share in 2010 on today's tracts; empty where unknown.",
    ),
    OpenColumn(
        "arm", "string", "treat, holdout or buffer; the column is there once a test is over."
    ),
    OpenColumn(
        "budget_usd", "number", "Planned US dollars; the column is there once a test is over."
    ),
    OpenColumn("hidden", "string", _HIDDEN),
)


def list_tract_columns(own: Mapping[str, str]) -> tuple[OpenColumn, ...]:
    """List the columns of tracts, with those that the campaign brings itself before the last.

    Parameters
    ----------
    own
        What each of them means.
    """
    *columns, hidden = TRACT_COLUMNS
    further = (OpenColumn(name, "number", meaning) for name, meaning in own.items())
    return (*columns, *further, hidden)


DISTRICT_COLUMNS = (
    OpenColumn("district_id", "string", "Code of the district in its own file."),
    OpenColumn("name", "string", "Name of the district."),
    OpenColumn("data_date", "date", "Cut-off date that the Census Bureau gives the rates."),
    OpenColumn(
        "tracts_count", "integer", "Tracts with a part that has households in the district."
    ),
    OpenColumn(
        "households_count",
        "integer",
        "Households in tracts with a rate, split by the crosswalk, without hidden tracts.",
    ),
    OpenColumn(
        "missing_households_count",
        "integer",
        "Households that have not responded, an estimate, without hidden tracts.",
    ),
    OpenColumn(
        "cumulative_share",
        "number",
        "Households that responded, as a share 0-1: mean of the tracts, weighted by households.",
    ),
    OpenColumn("internet_share", "number", "Households that responded online, as a share 0-1."),
    OpenColumn("change_7_points", "number", "Change of cumulative_share over 7 days."),
    OpenColumn("final_share", "number", _FORECAST),
    OpenColumn(
        "final_low80_share",
        "number",
        "Lower end of the forecast's 80% range; assumes that the tracts' errors move together.",
    ),
    OpenColumn("final_high80_share", "number", "Upper end of the forecast's 80% range."),
    OpenColumn("final_2020_share", "number", "Final share in 2020, for plans of a later census."),
    OpenColumn("final_2010_share", "number", "Final share in 2010; empty where unknown."),
    OpenColumn("rank", "integer", "Place by cumulative_share; 1 is the highest."),
    OpenColumn(
        "alone_share",
        "number",
        "cumulative_share if each tract went whole to the district that holds most of it: "
        "the error of the split.",
    ),
)
