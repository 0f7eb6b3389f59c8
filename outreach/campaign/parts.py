"""Define where, when, and from which sources a campaign works."""

import datetime as dt
import re
from enum import StrEnum
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from outreach.campaign.forms import (
    CountyFips,
    Geoid,
    Name,
    Number,
    PlaceFips,
    StateFips,
    Switch,
    Whole,
)
from outreach.campaign.looks import Look

#: An address of map tiles, without anything that ends a policy's or a page's text.
_TILES = re.compile(r"https://[\w.-]+(:\d+)?(/[\w.{}@~%-]*)*(\?[\w.{}=&%-]*)?", re.ASCII)
#: Rounding allowed in percentages that sum to 100, because thirds cannot be written out.
_SUM_TOLERANCE = 1e-6
#: Most that areas drawn high may hold out in a test of saturation, in percent.
_MOST_SATURATION_PERCENT = 40


class CampaignKind(StrEnum):
    """What the ads are for. It changes what the platforms allow (platform reference 3.2)."""

    PARTICIPATION = "participation"
    RECRUITMENT = "recruitment"


class CampaignPart(BaseModel):
    """A frozen table of ``campaign.toml`` that refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=False)


class Area(CampaignPart):
    """A part of the country by FIPS codes: a state, a county, a place, or named tracts."""

    state: StateFips
    county: CountyFips | None = None
    place: PlaceFips | None = None
    tracts: tuple[Geoid, ...] = ()

    @model_validator(mode="after")
    def _check_tracts_lie_inside(self) -> Self:
        prefix = self.state + (self.county or "")
        outside = [geoid for geoid in self.tracts if not geoid.startswith(prefix)]
        if outside:
            raise ValueError(f"tract {outside[0]} is not in {self.label}")
        return self

    @property
    def label(self) -> str:
        """The area in words, for messages and file names."""
        parts = [f"state {self.state}"]
        parts += [f"county {self.county}"] if self.county else []
        parts += [f"place {self.place}"] if self.place else []
        parts += [f"{len(self.tracts)} named tracts"] if self.tracts else []
        return ", ".join(parts)

    @property
    def codes(self) -> tuple[str, ...]:
        """The FIPS codes of its tracts, or of its county or state; a place has none of its own."""
        return self.tracts or (self.state + (self.county or ""),)

    def holds(self, geoid: str) -> bool:
        """Return whether the codes of ``geoid`` lie in this area; ``place`` is not checked.

        A place has no codes of its own in a GEOID: it takes geometry to decide.
        """
        if self.tracts:
            return geoid in self.tracts
        return geoid.startswith(self.state + (self.county or ""))


class Vintages(CampaignPart):
    """The year of each source; 0 leaves a source out."""

    acs: Whole = Field(
        default=2018,
        ge=2009,
        le=2100,
        description="last year of the ACS five-year period; the scores need it",
    )
    planning_database: Whole = Field(
        default=2020, ge=0, le=2100, description="year of the planning database; 0 leaves it out"
    )
    boundaries: Whole = Field(
        default=2020,
        ge=2013,
        le=2100,
        description="year of the cartographic boundary files, on the same tracts as the rates",
    )


class Districts(CampaignPart):
    """A set of districts to report by: wards, community areas, council districts."""

    name: Name
    file: str = Field(
        min_length=1,
        description="path, or address on the file server, of any file that GeoPandas reads",
    )
    layer: str | None = Field(
        default=None, min_length=1, description="layer of the file, where it has several"
    )
    id_column: str = Field(min_length=1)
    name_column: str | None = None
    crosswalk: str | None = Field(
        default=None,
        description=(
            "table with the columns source (tract), target (district id), and weight (share of"
            ' the tract), or "auto" to divide tracts by the housing units of the 2020 blocks;'
            " without it, land area divides them"
        ),
    )
    crosswalk_unit: str = Field(
        default="households", min_length=1, description="what the weights count"
    )
    crosswalk_tract_year: int = Field(
        default=2020, description="census year of the crosswalk's tracts, 2010 or 2020"
    )


class MapRequest(CampaignPart):
    """What the map shows besides tracts and districts."""

    context: Switch = Field(
        default=True,
        description=(
            "whether the map carries roads, rails, water, parks, place names, ZIPs, towns, and"
            " street names, from the Bureau's files"
        ),
    )
    basemap: str = Field(
        default="",
        description=(
            "web address of map tiles with {z}, {x}, and {y}, for readers with a network; empty"
            " for none"
        ),
    )
    basemap_credit: str = Field(
        default="", max_length=200, description="the credit that the tiles' owner asks for"
    )

    @model_validator(mode="after")
    def _check_basemap(self) -> Self:
        if not self.basemap:
            return self
        if not _TILES.fullmatch(self.basemap) or any(
            part not in self.basemap for part in ("{z}", "{x}", "{y}")
        ):
            raise ValueError(
                "basemap must be an address such as https://tiles.example.org/{z}/{x}/{y}.png"
            )
        if not self.basemap_credit.strip():
            raise ValueError("basemap needs basemap_credit, which the owner of the tiles asks for")
        return self


class Holdout(CampaignPart):
    """Units kept without ads, drawn at random, to measure the effect of the ads."""

    percent: Number = Field(default=0.0, ge=0, le=50)
    seed: Whole = Field(default=2030, ge=0)
    design: Literal["blocks", "saturation"] = Field(
        default="blocks",
        description=(
            '"blocks" holds units out among similar ones; "saturation" first draws half of the'
            " areas high and half low, then holds out percent of the units in high areas and as"
            " much as gets ads there in low ones, to measure how far ads spill over"
        ),
    )
    buffer: Literal["treat", "holdout", "none"] = Field(
        default="treat",
        description=(
            'where units of both arms touch: "treat" keeps ads out of the treated one, "holdout"'
            ' leaves the held-out one out of the measurement, "none" does neither'
        ),
    )
    protocol: str = Field(
        default="",
        description=(
            "file of the protocol that the test follows, as 'outreach protocol write' makes it; a"
            " test that departs from it is refused"
        ),
    )
    looks: tuple[Look, ...] = Field(
        default=(),
        description=(
            "when the test may be looked at before its end: days, or shares of the flight from 0.4"
            " to 0.95; the error of all looks and the end together stays 5%"
        ),
    )

    @model_validator(mode="after")
    def _check_levels(self) -> Self:
        if self.design == "saturation" and self.percent > _MOST_SATURATION_PERCENT:
            raise ValueError(
                f'design = "saturation" with percent = {self.percent:g} leaves areas drawn high and'
                f" low too much alike; use {_MOST_SATURATION_PERCENT} or less"
            )
        return self


class Assumptions(CampaignPart):
    """Assumed figures that move the list or its ranges only where they are turned on."""

    openness: Switch = Field(
        default=False,
        description=(
            "whether tracts count less where similar places respond as little, or where growth has"
            " stopped"
        ),
    )
    spread: Switch = Field(
        default=False,
        description="whether an assumed spread of responses to ads widens the ranges of ranks",
    )


class Reach(CampaignPart):
    """What it costs a plan to reach a home without online ads.

    Every default is ASSUMED, a round planning figure that no publisher stands behind: put your own
    quotes in.
    """

    letter_usd: Number = Field(
        default=0.75, ge=0, le=100, description="a letter, printed and delivered"
    )
    letters: Number = Field(default=2.0, gt=0, le=20, description="letters for a home")
    staff_hour_usd: Number = Field(
        default=22.0, ge=0, le=500, description="an hour of staff for calls and visits"
    )
    calls_per_hour: Number = Field(default=12.0, gt=0, le=100, description="calls of an hour")
    calls: Number = Field(default=3.0, gt=0, le=20, description="calls for a home")
    doors_per_hour: Number = Field(default=8.0, gt=0, le=100, description="doors of an hour")
    visits: Number = Field(default=2.0, gt=0, le=20, description="visits for a home")
    staff_hours: Number = Field(
        default=240.0, gt=0, le=4000, description="hours that one person works in the season"
    )
    partner_households: Number = Field(
        default=500.0,
        gt=0,
        le=100_000,
        description="missing households of a language that one partner organization takes on",
    )


class Flight(CampaignPart):
    """The days on which ads run, both included."""

    start: dt.date
    end: dt.date

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.end <= self.start:
            raise ValueError(f"the flight ends on {self.end}, not after it starts on {self.start}")
        return self


class PlannedEvent(CampaignPart):
    """A mailing or field operation that is known, and may move response by itself."""

    name: Name
    first: dt.date
    last: dt.date

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.last < self.first:
            raise ValueError(f"the event ends on {self.last}, before it starts on {self.first}")
        return self


class VendorClaim(CampaignPart):
    """What a vendor says that its ads cost, with what it counts."""

    vendor: Name
    usd: Number = Field(gt=0, le=1e6, description="what the vendor says that one costs")
    counts: Name = Field(description="what the vendor counts, in its words: a landing page view")
    source: Name = Field(description="where it says so, and when")


class PartnerActivity(CampaignPart):
    """What is done with the logs of what partners do."""

    public: Switch = Field(
        default=False,
        description=(
            "whether the public pages show contacts by district, week, and kind; no organization is"
            " named"
        ),
    )


class ForecastBlend(CampaignPart):
    """How much each source counts in the forecast, in percentages that sum to 100.

    Without this table, the weights are those measured for the phase of the season.
    """

    trajectory_percent: Number = Field(
        ge=0, le=100, description="the archived season's shapes, applied to each tract"
    )
    trend_percent: Number = Field(
        ge=0, le=100, description="the area's own growth of the last two weeks, extended"
    )
    expectation_percent: Number = Field(ge=0, le=100, description="what similar tracts reach")

    @model_validator(mode="after")
    def _check_sum(self) -> Self:
        total = self.trajectory_percent + self.trend_percent + self.expectation_percent
        if abs(total - 100) > _SUM_TOLERANCE:
            raise ValueError(
                "trajectory_percent, trend_percent, and expectation_percent add up to"
                f" {total:g}; they must add up to 100"
            )
        return self
