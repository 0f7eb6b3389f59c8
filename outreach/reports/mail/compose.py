"""Compose a mail that carries a report, and preview it as a file."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path

from outreach.catalog import Words
from outreach.errors import ExportError
from outreach.files import make_slug, write_file
from outreach.phrasing import strip_overrides
from outreach.reports.data.inputs import ReportView
from outreach.reports.data.metrics import Figures
from outreach.reports.mail.recipients import read_address
from outreach.reports.pages.render import render_page
from outreach.reports.text.advice import list_advice
from outreach.reports.text.progress import describe_change, describe_progress

#: The header that says which page of which run a mail carries.
REPORT_HEADER = "X-Census-Report"
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


def compose_mail(
    district: str | None,
    figures: Figures,
    view: ReportView,
    words: Words,
    page: tuple[str, str],
    sender: str,
    recipient: str,
    *,
    run: str = "",
) -> EmailMessage:
    """Return a mail with plain text, HTML, and the page attached.

    Parameters
    ----------
    district
        The district, or ``None`` for the season summary.
    figures, view, words
        As for the page.
    page
        File name and content of the page to attach.
    sender, recipient
        Addresses.
    run
        The run's id; with the name of the page it says what was sent.

    Raises
    ------
    ExportError
        An address is not ``name@domain``.
    """
    name = view.title if district is None else str(figures.row(district)["name"])
    date = words.date(view.data_date)
    parts = {
        "greeting": words.say("mail.greeting"),
        "opening": words.say(
            "mail.opening", name=words.name(name), campaign=words.name(view.title), date=date
        ),
        **(
            _describe_season(figures, view, words)
            if district is None
            else _describe_district(district, figures, view, words)
        ),
        "attached": words.say("mail.attached"),
        "answer": words.say("mail.answer", sender=sender, campaign=words.name(view.title)),
        "source": words.say("page.source", source=words.source(view.census_year)),
    }

    # A name must not add a header, so control characters become spaces.
    subject = strip_overrides(_write_subject(district, figures, view, words))
    message = EmailMessage()
    message["From"], message["To"] = read_address(sender), read_address(recipient)
    message["Subject"] = _CONTROL.sub(" ", subject)
    message["Date"] = format_datetime(dt.datetime.now(dt.UTC))
    message["Message-ID"] = make_msgid(domain=read_address(sender).domain)
    file, content = page
    message[REPORT_HEADER] = f"{run}/{file}"

    html = render_page("mail", words, title=name, view=view, **parts)
    message.set_content(_write_plain(parts))
    message.add_alternative(html, subtype="html")
    message.add_attachment(content.encode(), maintype="text", subtype="html", filename=file)
    return message


def preview_mails(messages: Sequence[EmailMessage], folder: Path) -> list[Path]:
    """Write each mail as an ``.eml`` file that any mail program opens, and return the files.

    Raises
    ------
    ExportError
        The folder cannot be written.
    """
    paths = []
    try:
        for number, message in enumerate(messages, start=1):
            path = folder / f"{number:03d}-{make_slug(str(message['To']))}.eml"
            write_file(path, message.as_bytes())
            paths.append(path)
    except OSError as error:
        raise ExportError(
            f"Cannot write previews to {folder}: {error.strerror or error}.",
            "Choose another folder with --into.",
        ) from error
    return paths


def _describe_district(
    district: str, figures: Figures, view: ReportView, words: Words
) -> dict[str, object]:
    """Return the rate of a district, and what to do there this week."""
    row = figures.row(district)
    lead = words.say(
        "mail.lead" if figures.has_households else "mail.lead_alike",
        rate=words.share(row["cumulative_share"]),
        missing=words.count(row["missing_count"]),
        goal=words.share(view.goal_share),
    )
    lines = list_advice(figures, view, words, district)
    return {"lead": lead, "heading": words.say("mail.week"), "lines": lines}


def _describe_season(figures: Figures, view: ReportView, words: Words) -> dict[str, object]:
    """Return how far the campaign has come, and what changed."""
    lead, *lines = describe_progress(figures, view, words)
    lines.append(describe_change(figures, words))
    return {"lead": lead, "heading": words.say("season.progress"), "lines": lines}


def _write_subject(district: str | None, figures: Figures, view: ReportView, words: Words) -> str:
    """Write the subject: the rate of the district, and that of the whole campaign."""
    values = {
        "campaign": _shorten(view.title),
        "whole": words.share(figures.campaign_share),
        "date": words.date(view.data_date),
    }
    if district is None:
        return words.say("mail.subject_all", **values)
    row = figures.row(district)
    rate = words.share(row["cumulative_share"])
    return words.say("mail.subject", name=_shorten(str(row["name"])), rate=rate, **values)


def _write_plain(parts: Mapping[str, object]) -> str:
    """Return the mail as plain text."""
    lines = parts["lines"]
    assert isinstance(lines, list)
    text = [
        parts["greeting"],
        "",
        parts["opening"],
        "",
        parts["lead"],
        "",
        f"{parts['heading']}:",
        *(f"{number}. {line}" for number, line in enumerate(lines, 1)),
        "",
        parts["attached"],
        "",
        parts["answer"],
        "",
        parts["source"],
    ]
    return "\n".join(str(line) for line in text) + "\n"


def _shorten(name: str, longest: int = 80) -> str:
    return name if len(name) <= longest else name[: longest - 1] + "\N{HORIZONTAL ELLIPSIS}"
