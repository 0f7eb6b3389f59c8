"""Compose the mails of a run: one self-contained page for each recipient."""

import datetime as dt
from collections.abc import Sequence
from email.message import EmailMessage

from flows.steps.measuring.readout import find_readout
from flows.steps.reports.pages import sum_spend
from flows.steps.reports.views import check_districts, gather_view
from flows.steps.sources.inputs import restore_inputs
from outreach.errors import CampaignError, ExportError
from outreach.reports.data.metrics import measure_districts
from outreach.reports.mail.compose import compose_mail
from outreach.reports.mail.recipients import Recipient, find_district
from outreach.reports.pages.frame import Origin
from outreach.reports.pages.report_set import write_single_pages
from outreach.settings import read_settings
from outreach.store import Store


def prepare_mails(
    run_name: str,
    recipients: Sequence[Recipient],
    sender: str,
    *,
    kind: str = "",
    language: str = "en",
) -> list[EmailMessage]:
    """Compose the mails of a run, one for each recipient and district, in their order.

    Parameters
    ----------
    run_name
        A run's id, part of one, or ``latest``.
    recipients
        Who gets what. A repeated line is one mail.
    sender
        The sender's address.
    kind
        The kind of district, as the campaign names it. May be empty if the campaign names only one.
    language
        For recipients without their own.

    Raises
    ------
    CampaignError
        The campaign has no such kind of district, or several and none is named.
    ExportError
        There is no recipient, or a district or address does not exist.
    """
    if not recipients:
        raise ExportError(
            "There is no recipient.",
            "Name people with --recipients FILE or --to DISTRICT=ADDRESS.",
        )
    settings = read_settings()
    store = Store(settings.runs_folder)
    run, _ = store.find(run_name)
    check_districts(run, run.campaign.districts)
    matches = [
        districts
        for districts in restore_inputs(store, run)
        if districts.name.casefold() == kind.casefold() or not kind
    ]
    if len(matches) != 1:
        names = ", ".join(districts.name for districts in run.campaign.districts)
        raise CampaignError(
            f"The campaign '{run.campaign.name}' reports by {names}.",
            "Name one of these with --kind.",
        )
    view = gather_view(store, run, matches[0], settings)
    figures = measure_districts(view)
    requests = {
        recipient: (find_district(recipient, view), recipient.language or language)
        for recipient in recipients
    }

    # Write each page once, then address it.
    effect = find_readout(settings.home, store, run.id)
    origin = Origin(dt.datetime.now(dt.UTC).date(), run.id)
    pages = write_single_pages(
        view, figures, requests.values(), sum_spend(run), origin=origin, effect=effect
    )
    return [
        compose_mail(
            district,
            figures,
            view,
            view.read_words(code),
            pages[(district, code)],
            sender,
            recipient.address,
            run=run.id,
        )
        for recipient, (district, code) in requests.items()
    ]
