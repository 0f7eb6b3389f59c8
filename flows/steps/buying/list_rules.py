"""Read the rules of a target list from a campaign."""

from difflib import get_close_matches

from models.budget.ad_price import AdPrice
from models.budget.channels import AdChannel, describe_channel
from models.targeting.selection import ListRules
from outreach.campaign import Campaign
from outreach.errors import CampaignError
from outreach.exporters.base.rules import list_platforms
from outreach.objectives import Assumed

_PERCENT = 100
#: Keys of a campaign that are about money. All others change what is requested.
MONEY_KEYS = (
    "budget_usd",
    "cpm_usd",
    "ad_format",
    "fee_percent",
    "impressions_per_household",
    "effective_exposures",
    "least_value_percent",
    "spend_all",
    "max_targets",
)


def read_list_rules(campaign: Campaign) -> ListRules:
    """Return the objective, goal, price, budget, and largest length of a campaign's list."""
    return ListRules(
        goal_share=campaign.goal_share,
        price=read_price(campaign),
        budget_usd=campaign.budget_usd,
        max_targets=campaign.max_targets,
        objective=campaign.objective,
        switches=frozenset(
            switch for switch in Assumed if getattr(campaign.assumptions, switch.value)
        ),
    )


def read_price(campaign: Campaign) -> AdPrice:
    """Return what a campaign's ads cost, how many a household gets, and who can see them.

    With several channels, the first one decides.
    """
    first = list_channels(campaign)[0]
    return AdPrice(
        cpm_usd=campaign.cpm_usd,
        fee_share=campaign.fee_percent / _PERCENT,
        impressions_per_household=campaign.impressions_per_household,
        penetration_share=first.penetration.mid,
    )


def list_channels(campaign: Campaign) -> tuple[AdChannel, ...]:
    """Return the channels of a campaign, or the one that is priced if it names none.

    Figures that the planner leaves out are those of the format of the ads.

    Raises
    ------
    CampaignError
        A channel has no platform of its name.
    """
    refuse_unknown_channels(campaign)
    if not campaign.channels:
        ((platform, ad_format),) = campaign.ad_formats.items()
        return (describe_channel(platform, ad_format, cpm_usd=campaign.cpm_usd),)
    return tuple(
        describe_channel(
            channel.name,
            channel.ad_format,
            cpm_usd=channel.cpm_usd,
            penetration_share=_read_share(channel.reach_percent),
            click_share=_read_share(channel.click_percent),
        )
        for channel in campaign.channels
    )


def refuse_unknown_channels(campaign: Campaign) -> None:
    """Refuse a channel that is no platform, because no file would carry its money.

    Raises
    ------
    CampaignError
        Names the channel and the nearest platform.
    """
    platforms = list_platforms()
    for channel in campaign.channels:
        if channel.name not in platforms:
            near = get_close_matches(channel.name, platforms, n=1)
            hint = f"Did you mean '{near[0]}'? " if near else ""
            raise CampaignError(
                f"The channel '{channel.name}' is no platform, so no file would carry its money.",
                f"{hint}Choose from: {', '.join(platforms)}.",
            )


def _read_share(percent: float | None) -> float | None:
    """Return a percentage as a share, if there is one."""
    return None if percent is None else percent / _PERCENT
