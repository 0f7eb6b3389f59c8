"""A planner's question: what ``campaign.toml`` asks, validated once and frozen."""

import datetime as dt
import re
import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from outreach.errors import CampaignError
from outreach.faults import explain_faults

StateFips = Annotated[str, StringConstraints(pattern=r"^[0-9]{2}$")]
CountyFips = Annotated[str, StringConstraints(pattern=r"^[0-9]{3}$")]
PlaceFips = Annotated[str, StringConstraints(pattern=r"^[0-9]{5}$")]
Geoid = Annotated[str, StringConstraints(pattern=r"^[0-9]{11}$")]
Name = Annotated[
    str,
    StringConstraints(
        min_length=1, max_length=200, strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]*$"
    ),
]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?$")]
ChannelName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,29}$")]

#: A number that was written as one; neither text nor true or false.
Number = Annotated[float, Field(strict=True)]
Whole = Annotated[int, Field(strict=True)]
Switch = Annotated[bool, Field(strict=True)]


class CampaignKind(StrEnum):
    """What the ads are for; it changes what the platforms allow (platform reference 3.2)."""

    PARTICIPATION = "participation"
    RECRUITMENT = "recruitment"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=False)


class Area(_Part):
    """A part of the country by FIPS codes: a state, one of its counties, a place in it, or single tracts."""

    state: StateFips
    county: CountyFips | None = None
    place: PlaceFips | None = None
    tracts: tuple[Geoid, ...] = ()

    @model_validator(mode="after")
    def _tracts_lie_inside(self) -> Self:
        prefix = self.state + (self.county or "")
        strangers = [geoid for geoid in self.tracts if not geoid.startswith(prefix)]
        if strangers:
            raise ValueError(f"tract {strangers[0]} does not lie in {self.label}")
        return self

    @property
    def label(self) -> str:
        """The area in words, for messages and file names."""
        parts = [f"state {self.state}"]
        parts += [f"county {self.county}"] if self.county else []
        parts += [f"place {self.place}"] if self.place else []
        parts += [f"{len(self.tracts)} named tracts"] if self.tracts else []
        return ", ".join(parts)

    def holds(self, geoid: str) -> bool:
        """Whether the FIPS codes of ``geoid`` lie in this area; a place needs geometry and is not looked at."""
        return (
            geoid in self.tracts
            if self.tracts
            else geoid.startswith(self.state + (self.county or ""))
        )


class Vintages(_Part):
    """Which year of each source; a source set to 0 is left out."""

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
        ge=2010,
        le=2100,
        description="year of the cartographic boundary files, on the tracts of the rates",
    )


class Districts(_Part):
    """A set of districts to report by: wards, community areas, council districts."""

    name: Name
    file: str = Field(
        min_length=1,
        description="a path, or an address under the files server, of any file GeoPandas reads",
    )
    id_column: str = Field(min_length=1)
    name_column: str | None = None
    crosswalk: str | None = Field(
        default=None,
        description="a table source (tract), target (id), weight (share of the tract); without it land area divides the tracts",
    )
    crosswalk_unit: str = Field(
        default="households", min_length=1, description="what the weights count"
    )
    crosswalk_tract_year: int = Field(
        default=2020, description="census year of the crosswalk's tracts, 2010 or 2020"
    )


class Units(_Part):
    """What the ad platforms are given: tracts chosen are covered by ZIPs, pins or polygons, because platforms take no tracts."""

    kind: Literal["tracts", "zips", "pins", "polygons"] = "tracts"
    coverage_percent: Number = Field(
        default=75.0, gt=0, le=100, description="share of the chosen tracts' households to reach"
    )
    choose_by: Literal["coverage", "budget"] = Field(
        default="coverage",
        description="reach coverage_percent for the least money, or the most that budget_usd buys",
    )
    zips: str = Field(
        default="",
        description="ZIP polygons (path or address), or HUD's TRACT_ZIP file; empty is the Bureau's ZCTA file",
    )
    zip_column: str = Field(default="zip", min_length=1)
    blocks: str = Field(
        default="",
        description='the Bureau\'s block file of 2020 (a path, or "auto" to fetch the large file), to place households by',
    )
    minimum_spend_usd: Number = Field(
        default=0.0, ge=0, description="least spend of a unit that gets any, on each channel"
    )
    maximum_spend_usd: Number = Field(
        default=0.0,
        ge=0,
        description="most spend of a unit on each channel; 0 is no limit but the frequency",
    )

    @model_validator(mode="after")
    def _wishes_fit_together(self) -> Self:
        if self.choose_by == "budget" and self.kind != "zips":
            raise ValueError(
                'choose_by = "budget" is for kind = "zips"; name a coverage_percent for other kinds'
            )
        if 0 < self.maximum_spend_usd < self.minimum_spend_usd:
            raise ValueError(
                f"maximum_spend_usd {self.maximum_spend_usd:g} is below minimum_spend_usd {self.minimum_spend_usd:g}"
            )
        return self


class Holdout(_Part):
    """Units kept without ads, drawn at random, so that the effect of the ads can be measured."""

    percent: Number = Field(default=0.0, ge=0, le=50)
    seed: Whole = Field(default=2030, ge=0)
    buffer: Literal["treat", "holdout", "none"] = Field(
        default="treat",
        description="where units of both arms touch: keep ads out of the one, leave the other out of the measurement, or neither",
    )


class Flight(_Part):
    """When the ads run."""

    start: dt.date
    end: dt.date

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.end <= self.start:
            raise ValueError(f"the flight ends on {self.end}, not after its start on {self.start}")
        return self


class ForecastBlend(_Part):
    """How much each source counts in the forecast, in per cent that sum to 100; without it what was measured for that phase of a season counts."""

    trajectory_percent: Number = Field(
        ge=0, le=100, description="the archived season's shapes, applied to each tract"
    )
    trend_percent: Number = Field(
        ge=0, le=100, description="the area's own growth of the last two weeks, carried on"
    )
    expectation_percent: Number = Field(
        ge=0, le=100, description="what places like it lead to expect"
    )

    @model_validator(mode="after")
    def _sums_to_a_whole(self) -> Self:
        total = self.trajectory_percent + self.trend_percent + self.expectation_percent
        if abs(total - 100) > 1e-6:  # noqa: PLR2004  thirds cannot be written out
            raise ValueError(
                f"trajectory_percent, trend_percent and expectation_percent come to {total:g}; make them come to 100"
            )
        return self


class Channel(_Part):
    """A place to advertise in with a price of its own; one that is called like a platform gives that platform its own budget."""

    name: ChannelName
    cpm_usd: Number = Field(ge=0.01, le=1000, description="price of 1,000 impressions there")
    impressions_per_household: Number | None = Field(
        default=None,
        gt=0,
        le=1000,
        description="most ads a household is shown there; by default the campaign's",
    )
    reach_percent: Number | None = Field(
        default=None, gt=0, le=100, description="share of the online households that use it"
    )
    click_percent: Number | None = Field(
        default=None, gt=0, le=100, description="clicks per 100 impressions"
    )


class Floor(_Part):
    """Money that a language group, a district or a channel gets at least: ``usd``, or ``percent`` of the budget."""

    language: Language | None = None
    district: Name | None = Field(default=None, description="id of a district")
    of: Name | None = Field(
        default=None, description="which [[districts]], by name; by default the first"
    )
    channel: ChannelName | None = None
    usd: Number = Field(default=0.0, ge=0)
    percent: Number = Field(default=0.0, ge=0, le=100)

    @model_validator(mode="after")
    def _names_one_thing_and_one_amount(self) -> Self:
        if sum(value is not None for value in (self.language, self.district, self.channel)) != 1:
            raise ValueError("name one of language, district or channel")
        if self.language == "en":
            raise ValueError("English can have no floor: it is read in every tract")
        if (self.usd > 0) == (self.percent > 0):
            raise ValueError("give an amount above 0, either usd or percent")
        return self

    @property
    def sort(self) -> str:
        """What it is for: ``language``, ``channel``, ``district`` or ``district of`` the named set."""
        if self.language is not None:
            return "language"
        return (
            "channel"
            if self.channel is not None
            else f"district of {self.of}"
            if self.of
            else "district"
        )

    @property
    def wanted(self) -> str:
        """The language, district or channel."""
        return self.language or self.district or self.channel or ""


class Campaign(_Part):
    """Everything a planner asks, as in ``campaign.toml``.

    Per cent and US dollars as a person writes them; :attr:`goal_share` is the 0-1 form used inside.
    """

    name: Name
    census_year: Whole = Field(
        ge=2020, le=2100, description="the first census with daily rates was that of 2020"
    )
    kind: CampaignKind = CampaignKind.PARTICIPATION
    areas: tuple[Area, ...] = Field(min_length=1)
    goal_percent: Number = Field(ge=1, le=100, description="in per cent: 75, not 0.75")
    deadline: dt.date
    budget_usd: Number = Field(ge=0, le=1e9)
    cpm_usd: Number = Field(
        default=20.0, ge=0.01, le=1000, description="price of 1,000 impressions"
    )
    fee_percent: Number = Field(
        default=15.0,
        ge=0,
        le=100,
        description="platform and agency fees on top of cpm_usd; 0 where the price holds them",
    )
    impressions_per_household: Number = Field(
        default=24.0, gt=0, le=1000, description="ads that a household is shown over the campaign"
    )
    max_targets: Whole = Field(
        default=0, ge=0, description="at most so many tracts; 0 is no limit but the budget"
    )
    keep_borderline: Switch = Field(
        default=True,
        description="whether tracts that cannot be told apart at the end of the list stay as they were on the list before",
    )
    creative_languages: tuple[Language, ...] = Field(default=("en",), min_length=1)
    units: Units = Units()
    holdout: Holdout = Holdout()
    flight: Flight | None = None
    forecast: ForecastBlend | None = None
    channels: tuple[Channel, ...] = ()
    floors: tuple[Floor, ...] = ()
    vintages: Vintages = Vintages()
    districts: tuple[Districts, ...] = ()
    platforms: tuple[str, ...] = Field(default=("csv",), min_length=1)

    @model_validator(mode="after")
    def _channels_and_floors_fit(self) -> Self:
        names = [channel.name for channel in self.channels]
        floors = [(floor.sort, floor.wanted) for floor in self.floors]
        sorts = sorted({sort for sort, _ in floors})
        if len(set(names)) < len(names) or len(set(floors)) < len(floors):
            raise ValueError("a channel or a floor stands in it twice")
        if len(sorts) > 1:
            raise ValueError(
                f"its floors are of {' and of '.join(sorts)}, and a dollar would count to two; keep one sort"
            )
        for floor in self.floors:
            if floor.channel is not None and floor.channel not in names:
                raise ValueError(
                    f"a floor names the channel {floor.channel}, which is none of [[channels]]"
                )
            if floor.of is not None and floor.of not in {each.name for each in self.districts}:
                raise ValueError(f"a floor is of {floor.of}, which is the name of no [[districts]]")
            if floor.district is not None and not self.districts:
                raise ValueError("a floor names a district, and there are no [[districts]]")
        asked = sum(max(floor.usd, floor.percent / 100 * self.budget_usd) for floor in self.floors)
        if asked > self.budget_usd * (1 + 1e-9):
            raise ValueError(
                f"its floors come to {asked:,.2f} USD and the budget is {self.budget_usd:,.2f} USD"
            )
        return self

    @property
    def goal_share(self) -> float:
        """The self-response rate that the planner wants at the deadline, 0-1; never a forecast."""
        return self.goal_percent / 100

    @property
    def household_usd(self) -> float:
        """Price of showing one household all its ads, by ``cpm_usd``, with fees."""
        return self.impressions_per_household * self.impression_usd

    @property
    def impression_usd(self) -> float:
        """Price of one ad shown, by ``cpm_usd``, with fees."""
        return self.cpm_usd / 1000 * (1 + self.fee_percent / 100)

    @property
    def slug(self) -> str:
        """The name as a folder name: lower-case ASCII letters, digits and hyphens."""
        return re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-")[:60] or "campaign"


def read_campaign(path: Path) -> Campaign:
    """Read and validate a campaign file.

    Raises
    ------
    CampaignError
        The file is missing, not TOML, or a value is wrong; the message names file, key and what is
        allowed.
    """
    try:
        asked = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise CampaignError(
            f"Cannot read the campaign file {path}: {reason}.",
            "'outreach init' writes one to start from.",
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise CampaignError(f"{path} is not valid TOML: {error}.", "Mend that line.") from None
    return parse_campaign(asked, str(path))


def parse_campaign(asked: dict[str, Any], origin: str) -> Campaign:
    """Validate a campaign that was read from ``origin`` (a file's name, for messages).

    Raises
    ------
    CampaignError
        A value is wrong or unknown; one line for each, with its key and what is allowed.
    """
    try:
        return Campaign.model_validate(asked)
    except ValidationError as error:
        faults = error.errors(include_url=False)
    raise CampaignError(f"{origin}: " + " ".join(explain_faults(faults, _fields_at)))


def _fields_at(location: tuple[Any, ...]) -> list[str]:
    """Name the keys that are allowed at a place in the campaign."""
    parts: dict[str, type[_Part]] = {
        "areas": Area,
        "vintages": Vintages,
        "districts": Districts,
        "units": Units,
        "holdout": Holdout,
        "flight": Flight,
        "forecast": ForecastBlend,
        "channels": Channel,
        "floors": Floor,
    }
    model = parts.get(str(location[0]), Campaign) if location else Campaign
    return list(model.model_fields)
