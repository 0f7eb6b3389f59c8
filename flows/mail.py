"""The mails of a run: each recipient's page measured, written to stand alone, and composed; sending is left to the door."""

import datetime as dt
from collections.abc import Sequence
from email.message import EmailMessage

from flows.steps.measuring.readout import find_readout
from flows.steps.reports.pages import sum_spend
from flows.steps.reports.views import check_named, gather_view
from outreach.errors import CampaignError, ExportError
from outreach.reports.data.metrics import measure_districts
from outreach.reports.mail.compose import compose_mail
from outreach.reports.mail.recipients import Recipient, find_district
from outreach.reports.pages.frame import Origin
from outreach.reports.pages.report_set import write_single_pages
from outreach.reports.text.catalog import read_words
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
        Who gets what; the same line twice is one mail.
    sender
        Address that they come from.
    kind
        The kind of district, as the campaign names it; may be empty where it names one only.
    language
        For recipients without one of their own.

    Raises
    ------
    CampaignError
        The campaign has no such kind of district, or several and none is named.
    ExportError
        There is nobody to write to, or a district or address is none.
    """
    if not recipients:
        raise ExportError(
            "There is nobody to write to.",
            "Name people with --recipients FILE or --to DISTRICT=ADDRESS.",
        )
    settings = read_settings()
    store = Store(settings.runs_folder)
    run, found = store.find(run_name)
    check_named(run, run.campaign.districts)
    asked = [
        one for one in run.campaign.districts if one.name.casefold() == kind.casefold() or not kind
    ]
    if len(asked) != 1:
        named = ", ".join(one.name for one in run.campaign.districts)
        raise CampaignError(
            f"The campaign '{run.campaign.name}' reports by {named}.",
            "Name one of these with --kind.",
        )
    view = gather_view(store, run, asked[0], settings)
    figures = measure_districts(view)
    wanted = {one: (find_district(one, view), one.language or language) for one in recipients}
    made, effect = dt.datetime.now(dt.UTC).date(), find_readout(settings.home, found)
    origin = Origin(made, run.id)
    pages = write_single_pages(
        view, figures, wanted.values(), sum_spend(run), origin=origin, effect=effect
    )
    return [
        compose_mail(
            district,
            figures,
            view,
            read_words(code),
            pages[(district, code)],
            sender,
            one.address,
            run=run.id,
        )
        for one, (district, code) in wanted.items()
    ]
