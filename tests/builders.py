"""Build what tests of several rooms need."""

import tomllib
from dataclasses import replace
from importlib import resources
from typing import Any

from models.budget.ad_price import AdPrice
from models.targeting.selection import ListRules
from outreach.campaign import Campaign, parse_campaign

_PRICE = AdPrice(cpm_usd=20.0, fee_share=0.15, impressions_per_household=24.0)
_PRICE_FIELDS = frozenset({"cpm_usd", "fee_share", "impressions_per_household"})


def build_rules(**changes: Any) -> ListRules:
    """Return list rules with the default prices of a campaign, a goal of 70% and 20,000 USD.

    Parameters
    ----------
    **changes
        Fields of :class:`ListRules` or of its price.
    """
    price = replace(
        _PRICE, **{name: value for name, value in changes.items() if name in _PRICE_FIELDS}
    )
    others = {name: value for name, value in changes.items() if name not in _PRICE_FIELDS}
    return replace(ListRules(goal_share=0.7, price=price, budget_usd=20_000.0), **others)


def make_campaign(**changes: Any) -> Campaign:
    """Return the campaign of the invented county, with some keys changed."""
    file = resources.files("outreach") / "examples" / "invented_county.toml"
    request = tomllib.loads(file.read_text(encoding="utf-8")) | changes
    return parse_campaign(request, "a test")
