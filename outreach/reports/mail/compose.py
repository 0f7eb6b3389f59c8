"""Mails that carry a report: plain text and HTML with the page attached, each to one person, previewed as a file."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path

from outreach.errors import ExportError
from outreach.files import make_slug
from outreach.reports.data.inputs import ReportView
from outreach.reports.data.metrics import Figures
from outreach.reports.mail.recipients import read_address
from outreach.reports.pages.render import render_page
from outreach.reports.pages.season import tell_moved, tell_progress
from outreach.reports.text.advice import advise
from outreach.reports.text.catalog import Words

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
    """Return the mail about one district, or about the season (``None``), the page attached.

    Parameters
    ----------
    district, figures, view, words
        As for the page.
    page
        File name and content of the page to attach.
    sender, recipient
        Addresses.
    run
        The run's id; with the page's name it says what was sent.

    Raises
    ------
    ExportError
        An address is none.
    """
    row = figures.row(district)
    name = view.title if district is None else str(row["name"])
    shown = {
        "name": words.name(name),
        "date": words.date(view.data_date),
        "rate": words.share(row["cumulative_share"]),
    }
    parts = {
        "greeting": words.say("mail.greeting", name=shown["name"], date=shown["date"]),
        **(
            _tell_season(figures, view, words)
            if district is None
            else _tell_district(district, figures, view, words)
        ),
        "attached": words.say("mail.attached"),
        "source": words.say("page.source", source=view.source),
    }
    message = EmailMessage()
    message["From"], message["To"] = read_address(sender), read_address(recipient)
    message["Subject"] = _CONTROL.sub(
        " ", words.say("mail.subject", **{**shown, "name": _shorten(name)})
    )
    message["Date"] = format_datetime(dt.datetime.now(dt.UTC))
    message["Message-ID"] = make_msgid(domain=read_address(sender).domain)
    file, content = page
    message[REPORT_HEADER] = f"{run}/{file}"
    message.set_content(_write_plain(parts))
    message.add_alternative(
        render_page("mail", words, title=name, view=view, **parts), subtype="html"
    )
    message.add_attachment(content.encode(), maintype="text", subtype="html", filename=file)
    return message


def preview_mails(messages: Sequence[EmailMessage], folder: Path) -> list[Path]:
    """Write each mail as an ``.eml`` file that any mail program opens, and return where they stand.

    Raises
    ------
    ExportError
        The folder cannot be written.
    """
    paths = []
    reason = ""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number, message in enumerate(messages, start=1):
            who = make_slug(str(message["To"]))
            path = folder / f"{number:03d}-{who}.eml"
            path.write_bytes(message.as_bytes())
            paths.append(path)
    except OSError as error:
        reason = error.strerror or str(error)
    if reason:
        raise ExportError(
            f"Cannot write previews into {folder}: {reason}.", "Name another folder with --into."
        )
    return paths


def _tell_district(
    district: str, figures: Figures, view: ReportView, words: Words
) -> dict[str, object]:
    """Say where a district stands, and what to do there this week."""
    row = figures.row(district)
    values = {
        "rate": words.share(row["cumulative_share"]),
        "missing": words.count(row["missing_count"]),
    }
    return {
        "lead": words.say("mail.lead", goal=words.share(view.goal_share), **values),
        "heading": words.say("mail.week"),
        "lines": advise(figures, view, words, district),
    }


def _tell_season(figures: Figures, view: ReportView, words: Words) -> dict[str, object]:
    """Say how far the campaign has come, and what moved."""
    lead, *lines = tell_progress(figures, view, words)
    return {
        "lead": lead,
        "heading": words.say("season.progress"),
        "lines": [*lines, tell_moved(figures, words)],
    }


def _write_plain(parts: Mapping[str, object]) -> str:
    lines = parts["lines"]
    assert isinstance(lines, list)
    text = [
        parts["greeting"],
        "",
        parts["lead"],
        "",
        f"{parts['heading']}:",
        *(f"{number}. {line}" for number, line in enumerate(lines, 1)),
        "",
        parts["attached"],
        "",
        parts["source"],
    ]
    return "\n".join(str(line) for line in text) + "\n"


def _shorten(name: str, longest: int = 80) -> str:
    return name if len(name) <= longest else name[: longest - 1] + "\N{HORIZONTAL ELLIPSIS}"
