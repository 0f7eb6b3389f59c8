"""Write down what exporters need to know of a campaign."""

import datetime as dt
import hashlib

from flows.steps.buying.trial.ties import has_buffers
from outreach.campaign import Campaign
from outreach.errors import StoreError
from outreach.exporters.base.exporter import Brief, Setting
from outreach.store import Store


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
        overlaps=not has_buffers(campaign),
        fee_percent=campaign.fee_percent,
        fee_billed_by=campaign.fee_billed_by,
        ad_formats=campaign.ad_formats,
        coming_census=campaign.census_year if campaign.is_plan else None,
    )


def read_version(store: Store, run_id: str) -> str:
    """Return the hash of a run's test plan; empty if it has none."""
    if not store.has_output(run_id, "plan.json"):
        return ""
    return hashlib.sha256(store.read_output(run_id, "plan.json").rstrip(b"\n")).hexdigest()


def find_campaign_tag(store: Store, campaign: Campaign) -> str:
    """Return what the campaigns of an uploaded list were named by, for all lists that follow it.

    It is the test plan, or else the run, of the first approved list of the same campaign and
    flight. So names on the platforms stay the same when a later list changes what is uploaded.

    Returns
    -------
    str
        Empty if no list was approved.
    """
    approved: list[tuple[dt.datetime, str]] = []
    for run in store.runs():
        if (run.campaign.slug, run.campaign.flight) != (campaign.slug, campaign.flight):
            continue
        try:
            approval = store.approval(run.id)
        except StoreError:  # a list that was changed after its approval names nothing
            continue
        if approval is not None:
            approved.append((approval.approved_at, run.id))
    if not approved:
        return ""
    _, first = min(approved)
    return read_version(store, first) or first
