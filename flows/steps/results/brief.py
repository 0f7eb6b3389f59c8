"""Write down what exporters need to know of a campaign."""

from outreach.campaign import Campaign
from outreach.exporters.base.exporter import Brief, Setting


def make_brief(campaign: Campaign) -> Brief:
    """Return what ad files depend on, and every setting of a campaign with its meaning."""
    fields = type(campaign).model_fields
    settings = tuple(
        Setting(
            name,
            value if isinstance(value, int | float) else str(value),
            fields[name].description or "",
        )
        for name, value in campaign.model_dump(mode="json").items()
    )
    flight = campaign.flight
    return Brief(
        name=campaign.name,
        deadline=campaign.deadline,
        budget_usd=campaign.budget_usd,
        kind=campaign.kind,
        languages=campaign.creative_languages,
        flight=(flight.start, flight.end) if flight else None,
        settings=settings,
        fee_percent=campaign.fee_percent,
        fee_billed_by=campaign.fee_billed_by,
        ad_formats=campaign.ad_formats,
    )
