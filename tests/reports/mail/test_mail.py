"""Mails: previewed, sent only to people on the allow-list, through a real server."""

import asyncio
import csv
import dataclasses
import email
import email.policy
import hashlib
import html as markup
import resource
import socket
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from pydantic import SecretStr

from outreach.catalog import read_words
from outreach.errors import ExportError, ServiceUnavailable, SettingsError
from outreach.phrasing import strip_overrides
from outreach.reports.data.inputs import ReportView
from outreach.reports.data.metrics import Figures
from outreach.reports.mail.compose import compose_mail, preview_mails
from outreach.reports.mail.log import Outcome, append_record, make_record, read_sent
from outreach.reports.mail.recipients import (
    is_allowed,
    read_allow_list,
)
from outreach.reports.mail.smtp import send_mails
from outreach.settings import Settings, read_settings

ALLOWED = ("@city.example", "one@other.example")


class Post:
    """A mail server's memory: whom it refuses, and what it took."""

    def __init__(self) -> None:
        self.taken: list[Any] = []
        self.refused = "refused@city.example"
        self.fault = ""

    async def handle_RCPT(  # noqa: N802  aiosmtpd's name
        self, server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if self.fault == "early" and address.startswith("gone"):
            server.transport.abort()
        if address == self.refused:
            return "550 no such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  aiosmtpd's name
        self.taken.append(envelope)
        if self.fault in {"lost", "late"} and envelope.rcpt_tos[0].startswith("silent"):
            if self.fault == "lost":
                server.transport.abort()
            await asyncio.sleep(4)
        return "250 OK"

    async def handle_QUIT(self, _server: Any, _session: Any, _envelope: Any) -> str:  # noqa: N802  aiosmtpd's name
        return "421 going away" if self.fault == "farewell" else "221 Bye"


def _check(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
    assert isinstance(data, LoginPassword)
    return AuthResult(success=data.password == b"right", handled=False)


@pytest.fixture
def post() -> Iterator[tuple[Post, Settings]]:
    """A real server on loopback, and the settings that lead to it."""
    handler = Post()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Controller(
        handler, hostname="127.0.0.1", port=port, authenticator=_check, auth_require_tls=False
    )
    server.start()
    yield handler, read_settings(smtp_host="127.0.0.1", smtp_port=port)
    server.stop()


def make_mail(view: ReportView, figures: Figures, to: str, language: str = "en") -> EmailMessage:
    page = ("ward-1.html", "<!doctype html><title>page</title>")
    return compose_mail(
        "1", figures, view, read_words(language), page, "census@city.example", to, run="the-run"
    )


def read_log(log: Path) -> list[dict[str, str]]:
    with log.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_mail_has_plain_text_html_and_the_page(view: ReportView, figures: Figures) -> None:
    mail = make_mail(view, figures, "ana@city.example", "es")
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert "Esta semana" in plain.get_content()
    assert "&lt;script&gt;" in html.get_content()
    assert "<script>" not in html.get_content()
    (attached,) = mail.iter_attachments()
    assert attached.get_filename() == "ward-1.html"
    assert attached.get_content() == "<!doctype html><title>page</title>"


def test_a_mail_greets_names_its_sender_and_says_how_to_answer(
    view: ReportView, figures: Figures
) -> None:
    mail = make_mail(view, figures, "ana@city.example")
    for kind in ("plain", "html"):
        body = mail.get_body((kind,))
        assert body is not None
        text = body.get_content()
        assert "Hello," in text
        assert "census@city.example" in text
        assert "Answer this mail" in text
        assert strip_overrides(view.title) in markup.unescape(text)
    words = read_words("en")
    assert words.share(figures.row("1")["cumulative_share"]) in mail["Subject"]
    assert f"{view.title}: {words.share(figures.campaign_share)}" in mail["Subject"]
    assert "\u202e" not in str(mail["Subject"])


def test_a_name_cannot_add_a_header(view: ReportView, figures: Figures) -> None:
    renamed = figures.table.assign(name="Ward\r\nBcc: everyone@elsewhere.example")
    mail = make_mail(view, dataclasses.replace(figures, table=renamed), "ana@city.example")
    read = email.message_from_bytes(mail.as_bytes(), policy=email.policy.default)
    assert read["Bcc"] is None
    assert "Bcc: everyone" in read["Subject"]


@pytest.mark.parametrize(
    "wrong",
    [
        "ana",
        "ana@",
        "a@b@c",
        "ana@city.example, bob@city.example",
        "Ana <ana@city.example>",
        "ana@city.example\nBcc: x@y.z",
    ],
)
def test_a_recipient_must_be_one_address(view: ReportView, figures: Figures, wrong: str) -> None:
    with pytest.raises(ExportError, match="not a mail address"):
        make_mail(view, figures, wrong)


def test_the_allow_list_holds_addresses_and_whole_domains(tmp_path: Path) -> None:
    file = tmp_path / "allowed.txt"
    file.write_text(
        "# who may be written to\n@City.example\none@other.example  # Ana\n\n", encoding="utf-8"
    )
    listed = read_allow_list(file)
    assert listed == ALLOWED
    assert is_allowed("ANA@city.example", listed)
    assert is_allowed("one@other.example", listed)
    assert not is_allowed("two@other.example", listed)
    assert not is_allowed("ana@evil-city.example", listed)
    assert not is_allowed("ana@city.example.evil.example", listed)
    file.write_text("everyone\n", encoding="utf-8")
    with pytest.raises(ExportError, match="everyone"):
        read_allow_list(file)


def test_a_dry_run_is_the_default(
    view: ReportView, figures: Figures, post: tuple[Post, Settings], tmp_path: Path
) -> None:
    handler, settings = post
    mails = [make_mail(view, figures, to) for to in ("ana@city.example", "bob@elsewhere.example")]
    done = send_mails(mails, settings, ALLOWED, tmp_path / "sent.csv")
    assert {delivery.outcome for delivery in done} == {Outcome.DRY_RUN, Outcome.NOT_LISTED}
    assert handler.taken == []
    assert [row["outcome"] for row in read_log(tmp_path / "sent.csv")] == [
        "dry run",
        "not on the allow-list",
    ]


def test_only_listed_people_get_mail_and_the_log_has_every_outcome(
    view: ReportView, figures: Figures, post: tuple[Post, Settings], tmp_path: Path
) -> None:
    handler, settings = post
    recipients = (
        "ana@city.example",
        "refused@city.example",
        "bob@elsewhere.example",
        "one@other.example",
    )
    done = send_mails(
        [make_mail(view, figures, to) for to in recipients],
        settings,
        ALLOWED,
        tmp_path / "sent.csv",
        dry_run=False,
    )
    assert [envelope.rcpt_tos for envelope in handler.taken] == [
        ["ana@city.example"],
        ["one@other.example"],
    ]
    received = email.message_from_bytes(handler.taken[0].content, policy=email.policy.default)
    assert [part.get_content_type() for part in received.walk()][-1] == "text/html"
    outcomes = {row["to"]: row["outcome"] for row in read_log(tmp_path / "sent.csv")}
    assert outcomes == {delivery.to: delivery.outcome.value for delivery in done}
    assert [delivery.to for delivery in done] == list(recipients)
    assert outcomes["refused@city.example"] == "refused by the server"
    assert outcomes["bob@elsewhere.example"] == "not on the allow-list"


def test_without_an_allow_list_nobody_gets_mail(
    view: ReportView, figures: Figures, post: tuple[Post, Settings], tmp_path: Path
) -> None:
    handler, settings = post
    send_mails(
        [make_mail(view, figures, "ana@city.example")],
        settings,
        (),
        tmp_path / "sent.csv",
        dry_run=False,
    )
    assert handler.taken == []


def test_a_wrong_password_is_reported_but_never_shown(
    view: ReportView, figures: Figures, post: tuple[Post, Settings], tmp_path: Path
) -> None:
    handler, settings = post
    mails = [make_mail(view, figures, "ana@city.example")]
    right = settings.model_copy(update={"smtp_user": "census", "smtp_password": SecretStr("right")})
    assert (
        send_mails(mails, right, ALLOWED, tmp_path / "sent.csv", dry_run=False)[0].outcome
        is Outcome.SENT
    )
    wrong = settings.model_copy(
        update={"smtp_user": "census", "smtp_password": SecretStr("wr0ng-secret")}
    )
    with pytest.raises(SettingsError, match="OUTREACH_SMTP_PASSWORD") as failure:
        send_mails(mails, wrong, ALLOWED, tmp_path / "wrong.csv", dry_run=False)
    assert "wr0ng-secret" not in repr(failure.value) + repr(wrong)
    assert len(handler.taken) == 1


def test_a_missing_and_a_dead_server_are_reported(
    view: ReportView, figures: Figures, tmp_path: Path
) -> None:
    mails = [make_mail(view, figures, "ana@city.example")]
    with pytest.raises(SettingsError, match="No SMTP server"):
        send_mails(mails, read_settings(), ALLOWED, tmp_path / "sent.csv", dry_run=False)
    dead = read_settings(smtp_host="127.0.0.1", smtp_port=1)
    with pytest.raises(ServiceUnavailable, match="after 0 of 1"):
        send_mails(mails, dead, ALLOWED, tmp_path / "sent.csv", dry_run=False)


def test_a_preview_opens_in_a_mail_program(
    view: ReportView, figures: Figures, tmp_path: Path
) -> None:
    (path,) = preview_mails([make_mail(view, figures, "ana@city.example")], tmp_path / "previews")
    read = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert path.suffix == ".eml"
    assert read["To"] == "ana@city.example"
    assert read.get_body(("html",)) is not None


def test_nobody_gets_the_same_page_twice_without_again(
    view: ReportView, figures: Figures, post: tuple[Post, Settings], tmp_path: Path
) -> None:
    handler, settings = post
    log = tmp_path / "sent.csv"
    people = ("ana@city.example", "Ana@city.example")
    mails = [make_mail(view, figures, to) for to in people]
    first = send_mails(mails, settings, ALLOWED, log, dry_run=False)
    assert [delivery.outcome for delivery in first] == [Outcome.SENT, Outcome.REPEATED]
    again = [make_mail(view, figures, "ana@city.example")]
    assert send_mails(again, settings, ALLOWED, log)[0].outcome is Outcome.REPEATED
    assert send_mails(again, settings, ALLOWED, log, dry_run=False)[0].outcome is Outcome.REPEATED
    assert len(handler.taken) == 1
    assert (
        send_mails(again, settings, ALLOWED, log, dry_run=False, again=True)[0].outcome
        is Outcome.SENT
    )
    assert len(handler.taken) == 2


def test_an_interrupted_mail_is_not_sent_again_but_a_refused_one_is(
    view: ReportView, figures: Figures, post: tuple[Post, Settings], tmp_path: Path
) -> None:
    handler, settings = post
    log = tmp_path / "sent.csv"
    mails = [make_mail(view, figures, to) for to in ("ana@city.example", "refused@city.example")]
    send_mails(mails, settings, ALLOWED, log, dry_run=False)
    lines = log.read_text(encoding="utf-8").splitlines(keepends=True)
    assert [row["outcome"] for row in read_log(log)] == [
        "handed to the server",
        "sent",
        "handed to the server",
        "refused by the server",
    ]
    log.write_text("".join(lines[:2]), encoding="utf-8")
    handler.refused = ""
    done = send_mails(mails, settings, ALLOWED, log, dry_run=False)
    assert [delivery.outcome for delivery in done] == [Outcome.UNCONFIRMED, Outcome.SENT]
    assert "never confirmed" in done[0].reason
    assert [row["outcome"] for row in read_log(log)].count("perhaps not sent") == 0


@pytest.mark.parametrize("fault", ["lost", "late"])
def test_a_mail_without_an_answer_is_perhaps_not_sent_and_the_rest_is_not(
    fault: str, view: ReportView, figures: Figures, post: tuple[Post, Settings], tmp_path: Path
) -> None:
    handler, settings = post
    log = tmp_path / "sent.csv"
    people = [f"{name}@city.example" for name in ("ana", "silent", "bob", "carla")]
    mails = [make_mail(view, figures, to) for to in people]
    handler.fault = fault
    with pytest.raises(
        ServiceUnavailable, match="after 1 of 4 mails: 1 perhaps not sent, 2 not sent"
    ):
        send_mails(mails, settings, ALLOWED, log, dry_run=False, confirm_seconds=2)
    assert [row["outcome"] for row in read_log(log)] == [
        "handed to the server",
        "sent",
        "handed to the server",
        "perhaps not sent",
    ]

    # Later, the rest is sent, and what nobody knows about is neither sent again nor called sent.
    handler.fault = ""
    done = send_mails(mails, settings, ALLOWED, log, dry_run=False)
    assert [delivery.outcome for delivery in done] == [
        Outcome.REPEATED,
        Outcome.UNCONFIRMED,
        Outcome.SENT,
        Outcome.SENT,
    ]
    again = send_mails(mails[1:2], settings, ALLOWED, log, dry_run=False, again=True)
    assert again[0].outcome is Outcome.SENT
    assert send_mails(mails[1:2], settings, ALLOWED, log)[0].outcome is Outcome.REPEATED


def test_a_connection_lost_before_the_text_means_not_sent(
    view: ReportView, figures: Figures, post: tuple[Post, Settings], tmp_path: Path
) -> None:
    handler, settings = post
    log = tmp_path / "sent.csv"
    mails = [make_mail(view, figures, to) for to in ("gone@city.example", "ana@city.example")]
    handler.fault = "early"
    with pytest.raises(
        ServiceUnavailable, match="after 0 of 2 mails: 0 perhaps not sent, 2 not sent"
    ):
        send_mails(mails, settings, ALLOWED, log, dry_run=False)
    assert read_log(log)[-1]["outcome"] == "not sent"
    handler.fault = ""
    done = send_mails(mails, settings, ALLOWED, log, dry_run=False)
    assert [delivery.outcome for delivery in done] == [Outcome.SENT, Outcome.SENT]


def test_a_server_that_fails_at_the_farewell_has_sent_everything(
    view: ReportView, figures: Figures, post: tuple[Post, Settings], tmp_path: Path
) -> None:
    handler, settings = post
    handler.fault = "farewell"
    mails = [make_mail(view, figures, "ana@city.example")]
    done = send_mails(mails, settings, ALLOWED, tmp_path / "sent.csv", dry_run=False)
    assert [delivery.outcome for delivery in done] == [Outcome.SENT]


def test_the_log_has_recipient_time_report_and_hash(
    view: ReportView, figures: Figures, post: tuple[Post, Settings], tmp_path: Path
) -> None:
    _, settings = post
    mail = make_mail(view, figures, "refused@city.example")
    send_mails([mail], settings, ALLOWED, tmp_path / "sent.csv", dry_run=False)
    row = read_log(tmp_path / "sent.csv")[-1]
    assert (row["from"], row["to"], row["report"]) == (
        "census@city.example",
        "refused@city.example",
        "the-run/ward-1.html",
    )
    assert row["sha256"] == hashlib.sha256(mail.as_bytes()).hexdigest()
    assert row["reason"] == "550 no such person"
    assert row["at"].endswith("+00:00")


@pytest.mark.parametrize("room", [0, 1, 40])
def test_a_disk_that_fills_leaves_the_log_whole(
    room: int, view: ReportView, figures: Figures, tmp_path: Path
) -> None:
    log = tmp_path / "sent.csv"
    mail = make_mail(view, figures, "ana@city.example")
    record = make_record(mail, Outcome.SENT)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    for _ in range(2):  # a new log, and one with lines
        before = log.read_bytes() if log.exists() else None
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(before or b"") + room, limits[1]))
        try:
            with pytest.raises(ExportError, match="Cannot write the mail log"):
                append_record(log, mail, record)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert (log.read_bytes() if log.exists() else None) == before
        append_record(log, mail, record)
    assert list(read_sent(log).values()) == [Outcome.SENT]


def test_a_mail_can_carry_the_season_summary(view: ReportView, figures: Figures) -> None:
    page = ("season.html", "<!doctype html>")
    mail = compose_mail(
        None, figures, view, read_words("en"), page, "census@city.example", "ana@city.example"
    )
    plain = mail.get_body(("plain",))
    assert plain is not None
    assert "Progress:" in plain.get_content()
    assert "of 3 areas have reached the goal" in plain.get_content()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "the file is empty"),
        ("at,from,to,report,outcome\r\nx,y,z", "last line is cut off"),
        ("at,from,to,report,outcome\r\nx,y\r\n", "line 2 lacks a recipient"),
        ("a,b\r\n1,2\r\n", "line 2 lacks"),
    ],
)
def test_a_damaged_log_is_named_and_no_mail_is_sent_by_it(
    tmp_path: Path, content: str, words: str
) -> None:
    log = tmp_path / "log.csv"
    log.write_text(content, encoding="utf-8", newline="")
    with pytest.raises(ExportError, match=words) as failure:
        read_sent(log)
    assert str(log) in str(failure.value)
