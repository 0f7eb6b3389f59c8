"""Define a planner's request: everything that ``campaign.toml`` says."""

import contextlib
import datetime as dt
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from outreach.campaign.ad_formats import (
    choose_format,
    find_priced_platform,
    read_ad_formats,
)
from outreach.campaign.buying import ChannelRequest, FloorRequest, UnitRequest
from outreach.campaign.forms import Language, Name, Number, Switch, Whole
from outreach.campaign.indicators import Indicator
from outreach.campaign.looks import resolve_looks
from outreach.campaign.parts import (
    Area,
    Assumptions,
    CampaignKind,
    CampaignPart,
    Districts,
    Flight,
    ForecastBlend,
    Holdout,
    MapRequest,
    PartnerActivity,
    PlannedEvent,
    Reach,
    VendorClaim,
    Vintages,
)
from outreach.campaign.places import PlaceLayer
from outreach.files import make_slug
from outreach.objectives import Objective
from outreach.phrasing import write_dollars

#: Rounding allowed between the floors and the budget, as a share of the budget.
_ROUNDING_SHARE = 1e-9


def _find_cpm(facts: dict[str, Any]) -> float:
    """Return the price of the first channel, or the default one of the campaign's format."""
    if facts.get("channels"):
        price: float = facts["channels"][0].cpm_usd
        return price
    platform = find_priced_platform(facts.get("platforms", ()))
    with contextlib.suppress(ValueError):
        return read_ad_formats()[choose_format(platform, facts.get("ad_format"))].default_cpm_usd
    return read_ad_formats()[choose_format(platform)].default_cpm_usd


class Campaign(CampaignPart):
    """Everything a planner requests, validated and frozen.

    Percentages and US dollars are as a person writes them; :attr:`goal_share` is the 0-1 form used
    inside the service.
    """

    name: Name
    census_year: Whole = Field(
        ge=2020, le=2100, description="2020 was the first census with daily rates"
    )
    phase: Literal["auto", "season", "planning"] = Field(
        default="auto",
        description=(
            '"planning" says what to expect of a census before it begins, "season" works with its'
            ' rates, "auto" plans as long as no rates of it are published'
        ),
    )
    kind: CampaignKind = CampaignKind.PARTICIPATION
    areas: tuple[Area, ...] = Field(min_length=1)
    goal_percent: Number = Field(ge=1, le=100, description="a percentage: 75, not 0.75")
    deadline: dt.date
    budget_usd: Number = Field(ge=0, le=1e9)
    fee_percent: Number = Field(
        default=15.0,
        ge=0,
        le=100,
        description="platform and agency fees on top of cpm_usd; 0 if the price includes them",
    )
    fee_billed_by: Literal["agency", "platform"] = Field(
        default="agency",
        description=(
            'who bills the fees: "agency" on an invoice of its own, "platform" on top of the media'
            " on its bill; ad files carry the media either way"
        ),
    )
    impressions_per_household: Number = Field(
        default=9.0,
        gt=0,
        le=1000,
        description="most ads for a household that can see them, on average over the flight",
    )
    effective_exposures: Number = Field(
        default=3.0,
        ge=1,
        le=50,
        description="what any number of ads to a household counts as, in ads; the first counts 1",
    )
    least_value_percent: Number = Field(
        default=5.0,
        ge=0,
        lt=100,
        description=(
            "money stays unspent once the next dollar wins less than this percentage of what the"
            " best first dollar won"
        ),
    )
    spend_all: Switch = Field(
        default=False,
        description="whether to spend beyond least_value_percent all that can win anything",
    )
    max_targets: Whole = Field(
        default=0, ge=0, description="most tracts to choose; 0 leaves the budget as the limit"
    )
    objective: Objective = Field(
        default=Objective.MISSING_PER_DOLLAR,
        description=(
            'what the list is for: "missing_per_dollar" reaches the most missing households for the'
            ' money, "lowest_rates" takes the lowest rates first, "most_missing" the most missing'
            " households"
        ),
    )
    assumptions: Assumptions = Assumptions()
    keep_borderline: Switch = Field(
        default=True,
        description=(
            "whether tracts that cannot be told apart at the cutoff stay as they were on the"
            " previous list"
        ),
    )
    creative_languages: tuple[Language, ...] = Field(default=("en",), min_length=1)
    units: UnitRequest = UnitRequest()
    holdout: Holdout = Holdout()
    reach: Reach = Reach()
    flight: Flight | None = None
    events: tuple[PlannedEvent, ...] = Field(
        default=(),
        description="mailings and field operations of the census; a flight that meets one says so",
    )
    claim: VendorClaim | None = None
    activity: PartnerActivity = PartnerActivity()
    forecast: ForecastBlend | None = None
    channels: tuple[ChannelRequest, ...] = ()
    floors: tuple[FloorRequest, ...] = ()
    vintages: Vintages = Vintages()
    map: MapRequest = MapRequest()
    districts: tuple[Districts, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    places: tuple[PlaceLayer, ...] = ()
    platforms: tuple[str, ...] = Field(default=("csv",), min_length=1)
    ad_format: str | None = Field(
        default=None,
        description=(
            "format of the ads without channels: social, display, demand_gen, video, or"
            " short_video; that of the first platform by default"
        ),
    )
    cpm_usd: Number = Field(
        default_factory=_find_cpm,
        ge=0.01,
        le=1000,
        description="price of 1,000 impressions; that of the format by default",
    )

    @model_validator(mode="after")
    def _check_format(self) -> Self:
        choose_format(self.priced_platform, self.ad_format)
        return self

    @model_validator(mode="after")
    def _check_channels_and_floors(self) -> Self:
        # Each channel and each floor appears once, and all floors divide the money the same way.
        channels = [channel.name for channel in self.channels]
        subjects = [(floor.kind, floor.subject) for floor in self.floors]
        kinds = sorted({kind for kind, _ in subjects})
        if len(set(channels)) < len(channels) or len(set(subjects)) < len(subjects):
            raise ValueError("a channel or a floor appears twice")
        if len(kinds) > 1:
            raise ValueError(
                f"it has floors for {' and for '.join(kinds)}, so a dollar would count twice;"
                " keep one kind of floor"
            )

        # Floors name channels and districts that the campaign has.
        for floor in self.floors:
            if floor.channel is not None and floor.channel not in channels:
                raise ValueError(
                    f"a floor names the channel {floor.channel}, which is not in [[channels]]"
                )
            if floor.of is not None and floor.of not in {each.name for each in self.districts}:
                raise ValueError(f"a floor is for {floor.of}, but no [[districts]] has that name")
            if floor.district is not None and not self.districts:
                raise ValueError("a floor names a district, but there are no [[districts]]")

        total = sum(floor.price(self.budget_usd) for floor in self.floors)
        if total > self.budget_usd * (1 + _ROUNDING_SHARE):
            raise ValueError(
                f"its floors add up to {write_dollars(total, cents=True)}, more than the budget of"
                f" {write_dollars(self.budget_usd, cents=True)}"
            )
        return self

    @model_validator(mode="after")
    def _check_indicators(self) -> Self:
        names = [indicator.name for indicator in self.indicators]
        repeated = next((name for name in names if names.count(name) > 1), None)
        if repeated is not None:
            raise ValueError(
                f"two indicators have the name '{repeated}'; give each a name of its own"
            )
        columns = [name for each in self.indicators for name in each.columns.values()]
        twice = next((name for name in columns if columns.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"two indicators make the column '{twice}'; give one another name")
        for indicator in self.indicators:
            indicator.check_years(self.census_year)
        return self

    @model_validator(mode="after")
    def _check_places(self) -> Self:
        names = [layer.name.casefold() for layer in self.places]
        repeated = next(
            (layer.name for layer in self.places if names.count(layer.name.casefold()) > 1), None
        )
        if repeated is not None:
            raise ValueError(
                f"two [[places]] have the name '{repeated}'; give each a name of its own"
            )
        return self

    @model_validator(mode="after")
    def _check_looks(self) -> Self:
        if self.holdout.looks and self.flight is None:
            raise ValueError("[holdout] has looks, but there is no [flight] that they are of")
        _ = self.looks
        return self

    @property
    def looks(self) -> tuple[dt.date, ...]:
        """The days on which the test of the flight may be looked at before its end."""
        if self.flight is None:
            return ()
        return resolve_looks(self.holdout.looks, self.flight.start, self.flight.end)

    @property
    def is_plan(self) -> bool:
        """Whether the campaign plans for a census that has no rates yet; runs settle it."""
        return self.phase == "planning"

    @property
    def last_census(self) -> int:
        """The year of the census before."""
        return self.census_year - 10

    @property
    def priced_platform(self) -> str:
        """The platform whose ads are priced if there are no channels."""
        return find_priced_platform(self.platforms)

    @property
    def ad_formats(self) -> dict[str, str]:
        """The format of the ads on each channel, or on the priced platform without channels."""
        if self.channels:
            return {channel.name: channel.sold_format for channel in self.channels}
        return {self.priced_platform: choose_format(self.priced_platform, self.ad_format)}

    @property
    def codes(self) -> tuple[str, ...]:
        """The FIPS codes of all areas; see :attr:`Area.codes`."""
        return tuple(code for area in self.areas for code in area.codes)

    @property
    def goal_share(self) -> float:
        """The self-response rate to reach by the deadline, 0-1. It is never a forecast."""
        return self.goal_percent / 100

    @property
    def household_usd(self) -> float:
        """Price of showing one household all its ads at ``cpm_usd``, with fees."""
        return self.impressions_per_household * self.impression_usd

    @property
    def impression_usd(self) -> float:
        """Price of one impression at ``cpm_usd``, with fees."""
        return self.cpm_usd / 1000 * (1 + self.fee_percent / 100)

    @property
    def slug(self) -> str:
        """The name as a folder name: lowercase ASCII letters, digits, and hyphens."""
        return make_slug(self.name) or "campaign"
