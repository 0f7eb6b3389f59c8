"""Declare every table that travels between the crafts: columns, units, sources.

Shares are 0-1, money is in US dollars, areas are in square kilometers, and geometry is EPSG:4326.
``geoid`` (11 digits: state 2, county 3, tract 6) is a text index wherever a row is a tract. Other
columns may travel along. A declared column may not be missing unless its comment says optional.
"""

from enum import StrEnum
from typing import Any, TypeVar, cast

import pandas as pd
import pandera.pandas as pa
from pandera.typing import DataFrame, Index, Series
from pandera.typing.geopandas import GeoDataFrame, GeoSeries

from outreach.errors import DataError, OutOfRange
from outreach.units import ActivityKind, Arm, TractStatus, UnitKind

__all__ = [
    "GEOID_PATTERN",
    "Activity",
    "Boundaries",
    "Crosswalk",
    "DataFrame",
    "Delivery",
    "DistrictFigures",
    "DistrictShapes",
    "GeoDataFrame",
    "Pace",
    "RatedTracts",
    "ResponseRates",
    "Scores",
    "SiteDistances",
    "Sites",
    "SpendUnits",
    "Targets",
    "TractActivity",
    "TractParts",
    "TractProfiles",
    "Tracts",
    "as_geo_table",
    "as_table",
    "check",
    "check_geo",
    "name_language_share",
]

#: A tract's code: state, county and tract FIPS.
GEOID_PATTERN = r"^[0-9]{11}$"


class Pace(StrEnum):
    """Whether a tract keeps pace with its own start and its county, as in the column ``pace``.

    A tract is judged from two weeks after its invitation on.
    """

    BEHIND = "behind"
    ON_PACE = "on pace"
    AHEAD = "ahead"
    JUST_INVITED = "just invited"
    NOT_INVITED = "not invited yet"


class _Table(pa.DataFrameModel):
    """The settings that all tables share."""

    class Config:
        strict = False
        coerce = True


class ResponseRates(_Table):
    """Self-response rates: a row is a tract on a data date.

    The data date is the service's ``RESP_DATE``, never the day of the request. Source:
    ``{year}/dec/responserate``. ``daily_share`` is the service's own figure for its last day and
    *not* the difference of ``cumulative_share``. The pair (geoid, data_date) is unique.
    """

    geoid: Index[str] = pa.Field(str_matches=GEOID_PATTERN, check_name=True)
    data_date: Series[pa.DateTime]
    cumulative_share: Series[float] = pa.Field(ge=0, le=1)
    internet_share: Series[float] = pa.Field(ge=0, le=1, nullable=True)
    daily_share: Series[float] = pa.Field(ge=0, le=1, nullable=True)
    daily_internet_share: Series[float] = pa.Field(ge=0, le=1, nullable=True)

    @pa.dataframe_check(error="one row for each tract and data date")
    def _one_row_each(cls, table: pd.DataFrame) -> "pd.Series[bool]":  # noqa: N805  pandera's class method
        keys = pd.DataFrame(
            {"geoid": table.index, "data_date": table["data_date"].to_numpy()}, index=table.index
        )
        return ~keys.duplicated()


class TractProfiles(_Table):
    """What sources say about a tract before the season: a row is a tract of one vintage.

    Columns are the ``Variable.name`` of the datasets that were pulled (``households_count``,
    ``low_response_score``, ...), with margins of error (90%) as ``<name>_moe``. Every column is
    optional, and every value may be missing.
    """

    geoid: Index[str] = pa.Field(str_matches=GEOID_PATTERN, unique=True, check_name=True)


class Boundaries(_Table):
    """Repaired tract polygons of one vintage, with land and water area."""

    geoid: Index[str] = pa.Field(str_matches=GEOID_PATTERN, unique=True, check_name=True)
    name: Series[str]
    land_km2: Series[float] = pa.Field(ge=0)
    water_km2: Series[float] = pa.Field(ge=0)
    geometry: GeoSeries[Any]


class Tracts(_Table):
    """A row is a tract under consideration: polygon, profile, and rate at the data date.

    The profile is on the tracts of the rates, with columns as in :class:`TractProfiles`.
    ``status`` is an :class:`outreach.units.TractStatus`; ``data_date`` and the four rates are
    missing for tracts without a rate. A rated tract without a polygon stays; its ``geometry`` and
    ``land_km2`` are missing.
    """

    geoid: Index[str] = pa.Field(str_matches=GEOID_PATTERN, unique=True, check_name=True)
    name: Series[str]
    status: Series[str] = pa.Field(isin=list(TractStatus))
    land_km2: Series[float] = pa.Field(ge=0, nullable=True)
    data_date: Series[pa.DateTime] = pa.Field(nullable=True)
    cumulative_share: Series[float] = pa.Field(ge=0, le=1, nullable=True)
    internet_share: Series[float] = pa.Field(ge=0, le=1, nullable=True)
    households_count: Series[float] = pa.Field(ge=0, nullable=True)
    housing_units_count: Series[float] = pa.Field(ge=0, nullable=True)
    geometry: GeoSeries[Any] = pa.Field(nullable=True)


class RatedTracts(_Table):
    """A row is a tract with a rate, with everything that scores read.

    Beside the columns of :class:`Tracts`, but without geometry, it has those of the forecast, of
    the peer expectation and of the pace, as far as there are any, and the columns that scores
    derive.
    """

    geoid: Index[str] = pa.Field(str_matches=GEOID_PATTERN, unique=True, check_name=True)
    data_date: Series[pa.DateTime]
    cumulative_share: Series[float] = pa.Field(ge=0, le=1)


class SpendUnits(_Table):
    """A row is a unit that money can be spent on, as the response curves take it.

    ``missing_households_count`` is expected at the deadline. ``addressable_share`` is the share of
    households online, ``persuadable_share`` the share of missing households that an ad can win.
    """

    households_count: Series[float] = pa.Field(ge=0)
    missing_households_count: Series[float] = pa.Field(ge=0)
    addressable_share: Series[float] = pa.Field(ge=0, le=1)
    persuadable_share: Series[float] = pa.Field(ge=0, le=1)


class Crosswalk(_Table):
    """How much of a source area lies in a target area: a row is a pair of them.

    ``weight`` is the share of the source's units that lie in the target. The weights of one source
    sum to 1; what lies in no target has a row with an empty ``target``. ``unit`` says what was
    weighed (``households``, ``housing_units``, ``land_area``, ``area``, ...), and ``method`` how
    (``blocks``, ``relationship``, ``hud``, ``user``, ``overlay``). The kinds say what the codes
    are (``tract2010``, ``tract2020``, ``zip``, ``zcta``, ``ward``, ...), so that nobody takes a
    ZIP for a ZCTA.
    """

    source: Series[str]
    target: Series[str]
    weight: Series[float] = pa.Field(ge=0, le=1)
    unit: Series[str]
    method: Series[str]
    source_kind: Series[str]
    target_kind: Series[str]


class Scores(_Table):
    """A row is a tract with a rate: scores, forecast, priority, rank, and reasons.

    Each score is 0-1, as ``<score>_score``. A higher ``priority`` is more urgent, and ``rank`` 1
    is the first. ``rank_low`` and ``rank_high`` bound the rank (80%) and equal it if no model says
    how sure it is. Forecast columns (``final_share``, ``final_low80_share``, ...) are optional.
    """

    geoid: Index[str] = pa.Field(str_matches=GEOID_PATTERN, unique=True, check_name=True)
    data_date: Series[pa.DateTime]
    missing_households_count: Series[float] = pa.Field(ge=0, nullable=True)
    priority: Series[float] = pa.Field(nullable=True)
    rank: Series[int] = pa.Field(ge=1)
    rank_low: Series[int] = pa.Field(ge=1)
    rank_high: Series[int] = pa.Field(ge=1)
    reasons: Series[str]


class Targets(_Table):
    """A row is a chosen unit: a tract, ZIP, pin, or polygon.

    ``unit_id`` is made by :func:`outreach.units.name_unit`. ``label`` is for people; ``place`` is
    the GEOID, ZIP, or pin name. Pins have ``latitude``, ``longitude`` (degrees, WGS 84), and
    ``radius_km``; tracts have the point only. ``arm`` is an :class:`outreach.units.Arm`. Where ads
    run in several languages, :func:`name_language_share` names the optional columns of the share
    of a unit's money that goes into each; they sum to 1.
    """

    unit_id: Index[str] = pa.Field(unique=True, check_name=True)
    kind: Series[str] = pa.Field(isin=list(UnitKind))
    place: Series[str]
    label: Series[str]
    data_date: Series[pa.DateTime]
    arm: Series[str] = pa.Field(isin=list(Arm))
    latitude: Series[float] = pa.Field(ge=-90, le=90, nullable=True)
    longitude: Series[float] = pa.Field(ge=-180, le=180, nullable=True)
    radius_km: Series[float] = pa.Field(ge=0, nullable=True)
    households_count: Series[float] = pa.Field(ge=0, nullable=True)
    missing_households_count: Series[float] = pa.Field(ge=0, nullable=True)
    budget_usd: Series[float] = pa.Field(ge=0)
    impressions_count: Series[float] = pa.Field(ge=0)
    rank: Series[int] = pa.Field(ge=1)
    why: Series[str]


def name_language_share(code: str) -> str:
    """Return the column of the share of a target's money for ads in one language (0-1)."""
    return f"language_{code}_share"


class Delivery(_Table):
    """What a platform reports: a row is a place on a day, for one campaign in one language.

    ``platform`` is whose report it is, ``channel`` the platform that showed the ads. ``campaign``
    is the name that carries version and arm (:mod:`outreach.ad_names`); ``version`` and ``arm`` are
    empty where the report has no such name. ``place`` is a ZIP, GEOID, unit id, or point as
    ``latitude,longitude``, the words of the report for anything else, and empty where it names no
    place. ``day`` is a day of the ad account. ``reach_count`` counts people or accounts, and cannot
    be added up over days or places. ``language`` is a code, or several with a plus between them.

    ``conversions_count`` is what the platform counts as wins and ``conversions_of`` what it calls
    them; ``lift_count`` is how many of them it credits to the ads, and ``lift_of`` what it calls
    that. All four are the platform's own words, are optional, and are no responses.
    """

    day: Series[pa.DateTime]
    platform: Series[str]
    channel: Series[str]
    campaign: Series[str]
    version: Series[str]
    arm: Series[str] = pa.Field(isin=["", *Arm])
    language: Series[str]
    place: Series[str]
    impressions_count: Series[float] = pa.Field(ge=0)
    reach_count: Series[float] = pa.Field(ge=0, nullable=True)
    frequency: Series[float] = pa.Field(ge=0, nullable=True)
    clicks_count: Series[float] = pa.Field(ge=0, nullable=True)
    spend_usd: Series[float] = pa.Field(ge=0)
    currency: Series[str] = pa.Field(isin=["USD"])
    conversions_count: Series[float] | None = pa.Field(ge=0, nullable=True)
    conversions_of: Series[str] | None = pa.Field(nullable=True)
    lift_count: Series[float] | None = pa.Field(ge=0, nullable=True)
    lift_of: Series[str] | None = pa.Field(nullable=True)

    @pa.dataframe_check(error="one row for each channel, campaign, language, place, and day")
    def _one_row_each(cls, table: pd.DataFrame) -> "pd.Series[bool]":  # noqa: N805  pandera's class method
        return ~table.duplicated(["channel", "campaign", "language", "place", "day"])


class Activity(_Table):
    """What partners did beside the ads: a row is an organization's work of one kind on a day.

    ``place`` is an area, never an address: a ZIP, a GEOID, or a unit id. ``kind`` is ``calls``,
    ``doors``, ``events``, or ``texts``, and ``contacts_count`` how many people or doors it reached.
    """

    day: Series[pa.DateTime]
    organization: Series[str] = pa.Field(str_length={"min_value": 1})
    kind: Series[str] = pa.Field(isin=[*ActivityKind])
    place: Series[str] = pa.Field(str_matches=r"^(\d{5}|\d{11}|(tract|zip|pin|polygon)-.+)$")
    contacts_count: Series[float] = pa.Field(ge=0)

    @pa.dataframe_check(error="one row for each organization, kind, place, and day")
    def _one_row_each(cls, table: pd.DataFrame) -> "pd.Series[bool]":  # noqa: N805  pandera's class method
        return ~table.duplicated(["organization", "kind", "place", "day"])


class TractActivity(_Table):
    """What partners did in a tract: a row is an organization's work of one kind on a day.

    Contacts of a ZIP or another unit are divided among its tracts, so they may be fractions.
    """

    geoid: Index[str] = pa.Field(str_matches=GEOID_PATTERN, check_name=True)
    day: Series[pa.DateTime]
    organization: Series[str]
    kind: Series[str] = pa.Field(isin=[*ActivityKind])
    contacts_count: Series[float] = pa.Field(ge=0)


class DistrictShapes(_Table):
    """A row is a district to report by, such as a ward: its name and polygon (EPSG:4326)."""

    district_id: Index[str] = pa.Field(unique=True, check_name=True)
    name: Series[str]
    geometry: GeoSeries[Any] = pa.Field(nullable=True)


class Sites(_Table):
    """A row is a place where people get help to respond, from a file of the campaign's own.

    ``layer`` is what the campaign calls the file's places, ``kind`` what this one is. ``geoid`` is
    the tract that it lies in, empty outside the campaign's area. ``hours``, ``address``, ``phone``,
    ``languages``, and ``link`` are as the file has them, empty where it says nothing. The word
    ``place`` is kept for where ads are bought.
    """

    site: Index[int] = pa.Field(ge=0, unique=True, check_name=True)
    layer: Series[str]
    name: Series[str] = pa.Field(str_length={"min_value": 1, "max_value": 200})
    kind: Series[str]
    latitude: Series[float] = pa.Field(ge=-90, le=90)
    longitude: Series[float] = pa.Field(ge=-180, le=180)
    geoid: Series[str] = pa.Field(str_matches=r"^([0-9]{11})?$")
    hours: Series[str]
    address: Series[str]
    phone: Series[str]
    languages: Series[str]
    link: Series[str]
    is_public: Series[bool]


class SiteDistances(_Table):
    """A row is the nearest place of a layer (:class:`Sites`) to a tract, in a straight line.

    The distance is from a point inside the tract. ``is_far`` says that it is more than the
    campaign's ``far_miles`` of the layer.
    """

    geoid: Series[str] = pa.Field(str_matches=GEOID_PATTERN)
    layer: Series[str]
    site: Series[int] = pa.Field(ge=0)
    distance_m: Series[float] = pa.Field(ge=0)
    distance_miles: Series[float] = pa.Field(ge=0)
    is_far: Series[bool]

    @pa.dataframe_check(error="one row for each tract and layer")
    def _one_row_each(cls, table: pd.DataFrame) -> "pd.Series[bool]":  # noqa: N805  pandera's class method
        return ~table.duplicated(["geoid", "layer"])


class TractParts(_Table):
    """A row is the part of a tract that lies in a district.

    ``households_count`` and ``planned_usd`` are those of the part, ``weight`` its share of the
    tract, and ``tract_households_count`` the whole tract. Rates are those of the tract. Other
    columns of the tract travel along.
    """

    district: Series[str]
    geoid: Series[str] = pa.Field(str_matches=GEOID_PATTERN)
    weight: Series[float] = pa.Field(gt=0, le=1 + 1e-9)
    households_count: Series[float] = pa.Field(ge=0, nullable=True)
    tract_households_count: Series[float] = pa.Field(ge=0, nullable=True)
    planned_usd: Series[float] = pa.Field(ge=0)
    cumulative_share: Series[float] = pa.Field(ge=0, le=1, nullable=True)


class DistrictFigures(_Table):
    """A row is a district, measured from the tracts in it.

    Counts are sums over the parts of tracts, and shares are means weighted by households.
    ``households_count`` are those in tracts with a rate, ``rateless_count`` those in others.
    Points are differences of shares. ``rank`` 1 is the highest rate and ``rank_missing`` 1 the
    most missing households; ``peer_rank`` is the place among ``peer_count`` similar districts.
    ``split_share`` is the share of households in tracts that also lie elsewhere, and
    ``alone_share`` the rate if each tract went whole to the district that holds most of it.
    Further shares, of the forecast and of groups of households, travel along.
    """

    district_id: Index[str] = pa.Field(unique=True, check_name=True)
    name: Series[str]
    households_count: Series[float] = pa.Field(ge=0, nullable=True)
    rateless_count: Series[float] = pa.Field(ge=0, nullable=True)
    missing_count: Series[float] = pa.Field(ge=0, nullable=True)
    tracts_count: Series[float] = pa.Field(ge=0, nullable=True)
    planned_usd: Series[float] = pa.Field(ge=0, nullable=True)
    cumulative_share: Series[float] = pa.Field(ge=0, le=1, nullable=True)
    internet_share: Series[float] = pa.Field(ge=0, le=1, nullable=True)
    change_7_points: Series[float] = pa.Field(ge=-1, le=1, nullable=True)
    change_28_points: Series[float] = pa.Field(ge=-1, le=1, nullable=True)
    gap_points: Series[float] = pa.Field(ge=-1, le=1, nullable=True)
    needed_daily_count: Series[float] = pa.Field(ge=0, nullable=True)
    current_daily_count: Series[float] = pa.Field(nullable=True)
    chance_share: Series[float] = pa.Field(ge=0, le=1, nullable=True)
    rank: Series[float] = pa.Field(ge=1, nullable=True)
    rank_missing: Series[float] = pa.Field(ge=1, nullable=True)
    peer_rank: Series[float] = pa.Field(ge=1, nullable=True)
    peer_count: Series[float] = pa.Field(ge=1, nullable=True)
    split_share: Series[float] = pa.Field(ge=0, le=1 + 1e-9, nullable=True)
    alone_share: Series[float] = pa.Field(ge=0, le=1, nullable=True)


Table = TypeVar("Table", bound=_Table)


def as_table(table: pd.DataFrame, declaration: type[Table]) -> DataFrame[Table]:  # noqa: ARG001  the declaration names the type
    """Declare the type of a derived table to the type checker, without checking or copying it."""
    return cast("DataFrame[Table]", table)


def as_geo_table(table: pd.DataFrame, declaration: type[Table]) -> GeoDataFrame[Table]:  # noqa: ARG001  the declaration names the type
    """Declare the type of a derived table with geometry, without checking or copying it."""
    return cast("GeoDataFrame[Table]", table)


def check(table: pd.DataFrame, declaration: type[Table], origin: str) -> DataFrame[Table]:
    """Return ``table`` coerced to ``declaration``, or name what breaks it.

    Parameters
    ----------
    table
        Any table.
    declaration
        One of the tables of this module.
    origin
        Where the table comes from, for the message: a dataset and area, or a file.

    Raises
    ------
    OutOfRange
        A figure lies outside its range. The message names the column, row, and figure.
    DataError
        A column is missing or has the wrong type, or a row appears twice.
    """
    from pandera.errors import SchemaErrors  # noqa: PLC0415  slow to import and needed only on failure

    try:
        return as_table(declaration.validate(table, lazy=True), declaration)
    except SchemaErrors as error:
        worst = error.failure_cases.iloc[0]
        sentence, kind = _describe(worst, len(error.failure_cases), declaration.__name__, origin)
    raise kind(sentence, "Nothing was written. Fix or remove the source and run again.")


def check_geo(table: pd.DataFrame, declaration: type[Table], origin: str) -> GeoDataFrame[Table]:
    """Return ``table``, which has a geometry column, coerced to ``declaration``.

    Raises
    ------
    OutOfRange, DataError
        As :func:`check`.
    """
    return as_geo_table(check(table, declaration, origin), declaration)


def _describe(
    case: "pd.Series[Any]", cases: int, table: str, origin: str
) -> tuple[str, type[DataError]]:
    """Describe the first failure in one sentence and choose its error."""
    column, rule = case["column"] or case["schema"], str(case["check"])
    more = f" (and {cases - 1:,} more)" if cases > 1 else ""
    if rule == "column_in_dataframe":
        return (
            f"{origin}: the column '{case['failure_case']}' of {table} is missing{more}.",
            DataError,
        )
    where = f" at {case['index']}" if case["index"] is not None else ""
    figure = case["failure_case"]
    figure = figure.item() if hasattr(figure, "item") else figure
    sentence = f"{origin}: {table}.{column}{where} is {figure!r}, but the rule is {rule}{more}."
    ranged = rule.startswith(("greater_than", "less_than", "in_range"))
    return sentence, OutOfRange if ranged else DataError
