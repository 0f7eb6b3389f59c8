"""Describe advertising channels by their prices, audiences, and click rates.

The figures and their sources are those of the formats of ads
(:mod:`outreach.campaign.ad_formats`).
"""

from dataclasses import dataclass, replace

from models.budget.assumptions import Assumption
from outreach.campaign.ad_formats import AdFormat, Span, choose_format, read_ad_formats
from outreach.evidence import Evidence, Fact, Status

#: Evidence for what the planner sets.
SET_BY_CAMPAIGN = Evidence(status=Status.ASSUMED, source="the campaign")


@dataclass(frozen=True, slots=True)
class AdChannel:
    """A place to advertise.

    Parameters
    ----------
    name
        As in the campaign file.
    cpm_usd
        Price of 1,000 impressions.
    penetration
        Share of online households that use the channel.
    click_share
        Clicks per impression.
    """

    name: str
    cpm_usd: Assumption
    penetration: Assumption
    click_share: Assumption


def describe_channel(
    name: str,
    ad_format: str | None = None,
    *,
    cpm_usd: float | None = None,
    penetration_share: float | None = None,
    click_share: float | None = None,
) -> AdChannel:
    """Return a channel with the planner's figures, and the defaults of its format for the rest.

    Parameters
    ----------
    name
        The platform.
    ad_format
        The format of its ads; the platform's usual one by default.
    cpm_usd, penetration_share, click_share
        What the planner sets: USD per 1,000 impressions without fees, and shares 0-1.
    """
    usual = _read_channel(name, read_ad_formats()[choose_format(name, ad_format)])
    own = {"cpm_usd": cpm_usd, "penetration": penetration_share, "click_share": click_share}
    changes = {
        field: getattr(usual, field).set_value(value, SET_BY_CAMPAIGN)
        for field, value in own.items()
        if value is not None
    }
    return replace(usual, **changes)


def price_social_media(cpm_usd: float) -> AdChannel:
    """Return social media at the planner's own price of 1,000 impressions (USD, before fees)."""
    return describe_channel("meta", cpm_usd=cpm_usd)


def _read_channel(name: str, facts: AdFormat) -> AdChannel:
    """Return a channel with the figures of a format."""
    return AdChannel(
        name,
        cpm_usd=_assume("price of 1,000 impressions", "USD", facts.cpm_usd),
        penetration=_assume("online households that use it", "share", facts.penetration_share),
        click_share=_assume("clicks per impression", "share", facts.click_share),
    )


def _assume(label: str, unit: str, fact: Fact[Span]) -> Assumption:
    """Return a figure of a format as an assumption with its span and evidence."""
    evidence = Evidence(status=fact.status, source=fact.source, checked=fact.checked)
    low, mid, high = fact.value
    return Assumption(label, low, mid, high, unit, evidence)


META = describe_channel("meta")
DISPLAY = describe_channel("display")
