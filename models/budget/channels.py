"""List the advertising channels with their prices, audiences and click rates.

Prices are US benchmarks of 2025; each figure names its own source.
"""

from dataclasses import dataclass, replace

from models.budget.assumptions import Assumption
from outreach.evidence import Evidence, Status

#: Evidence for what nobody publishes.
_PLANNING_DEFAULT = Evidence(status=Status.ASSUMED, source="planning default, user-set")
#: Evidence for what the planner sets.
SET_BY_CAMPAIGN = Evidence(status=Status.ASSUMED, source="the campaign")

_PRICE_LABEL = "price of 1,000 impressions"
_PENETRATION_LABEL = "online households that use it"
_CLICK_LABEL = "clicks per impression"


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


META = AdChannel(
    "meta",
    cpm_usd=Assumption(
        _PRICE_LABEL, 17.8, 20.0, 24.7, "USD",
        Evidence(
            status=Status.THIRD_PARTY, source="Superads, Facebook CPM benchmarks 2025"
        ),
    ),
    penetration=Assumption(_PENETRATION_LABEL, 0.5, 0.7, 0.9, "share", _PLANNING_DEFAULT),
    click_share=Assumption(
        _CLICK_LABEL, 0.015, 0.017, 0.02, "share",
        Evidence(status=Status.THIRD_PARTY, source="WordStream 2025; zeely.ai 2026"),
    ),
)  # fmt: skip
DISPLAY = AdChannel(
    "display",
    cpm_usd=Assumption(
        _PRICE_LABEL, 0.9, 3.0, 5.0, "USD",
        Evidence(status=Status.ASSUMED, source="DataBeat, May 2025: 0.9-2.8 for publishers"),
    ),
    penetration=Assumption(_PENETRATION_LABEL, 0.7, 0.9, 1.0, "share", _PLANNING_DEFAULT),
    click_share=Assumption(_CLICK_LABEL, 0.0005, 0.001, 0.005, "share", _PLANNING_DEFAULT),
)  # fmt: skip


def price_social_media(cpm_usd: float) -> AdChannel:
    """Return social media at the planner's own price of 1,000 impressions (USD, before fees)."""
    return replace(META, cpm_usd=META.cpm_usd.set_value(cpm_usd, SET_BY_CAMPAIGN))
