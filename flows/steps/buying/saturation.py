"""Say how far a budget works, and what lies beyond."""

from models.budget.saturation import Saturation
from outreach.campaign import Campaign
from outreach.phrasing import write_dollars, write_percent


def describe_saturation(saturation: Saturation) -> str:
    """Say in a sentence what smaller budgets win, and where the knee is."""
    if not saturation.responses_count:
        return "no money can win a response here"
    budget = write_dollars(saturation.budget_usd)
    marks = " and ".join(
        f"{write_dollars(saturation.find_mark(mark))} wins {mark}" for mark in ("90%", "99%")
    )
    least = write_percent(saturation.least_share)
    knee = (
        f"the knee, beyond which the next dollar wins less than {least} of what the best first one"
        " won,"
    )
    where = (
        f"is at {write_dollars(saturation.knee_usd)}"
        if saturation.knee_usd < saturation.budget_usd
        else f"is above {budget}"
    )
    return (
        f"{marks} of the {saturation.responses_count:,.1f} responses that {budget} could win;"
        f" {knee} {where}; budget_curve.csv has every step"
    )


def warn_saturation(saturation: Saturation, campaign: Campaign) -> str:
    """Warn that a part of the budget wins little; empty if none does."""
    beyond = saturation.budget_usd - saturation.knee_usd
    if beyond <= 0 or not saturation.responses_count:
        return ""
    least = write_percent(saturation.least_share)
    fate = (
        "It is spent all the same, because spend_all = true."
        if campaign.spend_all
        else "It stays unspent. To use it, choose more places, or set spend_all = true."
    )
    return (
        f"{write_dollars(beyond)} of the budget lies beyond the knee: each dollar there wins less"
        f" than {least} of what the best first one won (least_value_percent). {fate}"
    )
