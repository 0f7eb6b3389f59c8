"""Define what a campaign buys: units, channels, and guaranteed amounts."""

import contextlib
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from outreach.campaign.ad_formats import choose_format, read_ad_formats
from outreach.campaign.forms import ChannelName, Language, Name, Number
from outreach.campaign.parts import CampaignPart


class UnitRequest(CampaignPart):
    """What the ad platforms get: the chosen tracts, covered by ZIPs, pins, or polygons.

    Platforms take no tracts, so all kinds but ``tracts`` can be uploaded as they are.
    """

    kind: Literal["tracts", "zips", "pins", "polygons"] = "tracts"
    coverage_percent: Number = Field(
        default=75.0, gt=0, le=100, description="share of the chosen tracts' households to reach"
    )
    choose_by: Literal["coverage", "budget"] = Field(
        default="coverage",
        description=(
            "reach coverage_percent for the least money, or buy the most that budget_usd pays for"
        ),
    )
    zips: str = Field(
        default="",
        description=(
            "ZIP polygons (path or address), or HUD's TRACT_ZIP file; empty uses the Bureau's"
            " ZCTA file"
        ),
    )
    zip_column: str = Field(default="zip", min_length=1)
    layer: str | None = Field(
        default=None,
        min_length=1,
        description="layer of the file of ZIP polygons, where it has several",
    )
    blocks: str = Field(
        default="",
        description=(
            'the Bureau\'s 2020 block file to place households by: a path, or "auto" to download'
            " the large file"
        ),
    )
    minimum_spend_usd: Number = Field(
        default=0.0, ge=0, description="least spend of a unit that gets any, on each channel"
    )
    maximum_spend_usd: Number = Field(
        default=0.0,
        ge=0,
        description="most spend of a unit on each channel; 0 leaves the frequency as the limit",
    )

    @model_validator(mode="after")
    def _check_consistency(self) -> Self:
        if self.choose_by == "budget" and self.kind != "zips":
            raise ValueError(
                'choose_by = "budget" works only with kind = "zips"; set coverage_percent for'
                " other kinds"
            )
        if 0 < self.maximum_spend_usd < self.minimum_spend_usd:
            raise ValueError(
                f"maximum_spend_usd {self.maximum_spend_usd:g} is below minimum_spend_usd"
                f" {self.minimum_spend_usd:g}"
            )
        return self


def _find_cpm(facts: dict[str, Any]) -> float:
    """Return the default price of a channel's ads; one that cannot be is refused elsewhere."""
    platform = facts.get("name", "")
    with contextlib.suppress(ValueError):
        return read_ad_formats()[choose_format(platform, facts.get("ad_format"))].default_cpm_usd
    return read_ad_formats()[choose_format(platform)].default_cpm_usd


class ChannelRequest(CampaignPart):
    """An advertising channel with its own price.

    It has the name of a platform, and gives that platform its own budget.
    """

    name: ChannelName
    ad_format: str | None = Field(
        default=None,
        description=(
            "social, display, demand_gen, video, or short_video; the platform's usual one by"
            " default"
        ),
    )
    cpm_usd: Number = Field(
        default_factory=_find_cpm,
        ge=0.01,
        le=1000,
        description="price of 1,000 impressions; that of the format by default",
    )
    impressions_per_household: Number | None = Field(
        default=None,
        gt=0,
        le=1000,
        description="most ads shown to a household; the campaign's by default",
    )
    reach_percent: Number | None = Field(
        default=None, gt=0, le=100, description="share of online households that use the channel"
    )
    click_percent: Number | None = Field(
        default=None, gt=0, le=100, description="clicks per 100 impressions"
    )

    @model_validator(mode="after")
    def _check_format(self) -> Self:
        choose_format(self.name, self.ad_format)
        return self

    @property
    def sold_format(self) -> str:
        """The format of its ads, requested or usual."""
        return choose_format(self.name, self.ad_format)


class FloorRequest(CampaignPart):
    """The least money for a language, district, or channel: dollars or percent of the budget."""

    language: Language | None = None
    district: Name | None = Field(default=None, description="id of a district")
    of: Name | None = Field(
        default=None, description="name of the [[districts]] that the id is from; first by default"
    )
    channel: ChannelName | None = None
    usd: Number = Field(default=0.0, ge=0)
    percent: Number = Field(default=0.0, ge=0, le=100)

    @model_validator(mode="after")
    def _check_subject_and_amount(self) -> Self:
        if sum(value is not None for value in (self.language, self.district, self.channel)) != 1:
            raise ValueError("name one of language, district, or channel")
        if self.language == "en":
            raise ValueError("English cannot have a floor, because English ads run in every tract")
        if (self.usd > 0) == (self.percent > 0):
            raise ValueError("set one amount above 0, either usd or percent")
        return self

    @property
    def kind(self) -> str:
        """What it is for: ``language``, ``channel``, ``district``, or ``district of <set>``."""
        if self.language is not None:
            return "language"
        if self.channel is not None:
            return "channel"
        return f"district of {self.of}" if self.of else "district"

    @property
    def subject(self) -> str:
        """The language, district, or channel that gets the money."""
        return self.language or self.district or self.channel or ""

    def price(self, budget_usd: float) -> float:
        """Return the floor in US dollars, given the budget that a percentage is of."""
        return max(self.usd, self.percent / 100 * budget_usd)
