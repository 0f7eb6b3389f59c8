"""Read the rules of a target list from a campaign."""

from models.budget.ad_price import AdPrice
from models.targeting.selection import ListRules
from outreach.campaign import Campaign

_PERCENT = 100


def read_list_rules(campaign: Campaign) -> ListRules:
    """Return the goal, price, budget and largest length of a campaign's list."""
    return ListRules(
        goal_share=campaign.goal_share,
        price=read_price(campaign),
        budget_usd=campaign.budget_usd,
        max_targets=campaign.max_targets,
    )


def read_price(campaign: Campaign) -> AdPrice:
    """Return what a campaign's ads cost, and how many each household gets."""
    return AdPrice(
        cpm_usd=campaign.cpm_usd,
        fee_share=campaign.fee_percent / _PERCENT,
        impressions_per_household=campaign.impressions_per_household,
    )
