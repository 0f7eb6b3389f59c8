"""The mail and publish commands, as a person types them."""

import csv
import datetime as dt
import email
import email.policy
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from click.testing import CliRunner, Result

from outreach.cli import cli
from outreach.errors import OutreachError
from outreach.settings import Settings, read_settings
from tests.flows.town import keep_run


class Post(Sink):
    """A mail server that keeps what it takes."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[Any] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  aiosmtpd's name
        self.taken.append(envelope)
        return "250 OK"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("kept")
    settings = read_settings(home=folder / "home")
    keep_run(settings, folder, 0.52, dt.date(2020, 6, 12))
    return settings


@pytest.fixture
def home(kept: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run to report, in a home of its own."""
    home = tmp_path / "home"
    shutil.copytree(kept.home, home, symlinks=True)
    monkeypatch.setenv("OUTREACH_HOME", str(home))
    return home


@pytest.fixture
def post(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Post]:
    """A real server on loopback, an allow-list, and a run to report."""
    assert home.is_dir()
    handler = Post()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    allowed = tmp_path / "allowed.txt"
    allowed.write_text("@city.example\n")
    for name, value in (
        ("SMTP_HOST", "127.0.0.1"),
        ("SMTP_PORT", str(port)),
        ("MAIL_FROM", "census@city.example"),
        ("MAIL_ALLOW_LIST", str(allowed)),
    ):
        monkeypatch.setenv(f"OUTREACH_{name}", value)
    server = Controller(handler, hostname="127.0.0.1", port=port)
    server.start()
    yield handler
    server.stop()


def mail(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["mail", *arguments])


def test_a_dry_run_writes_previews_and_says_what_would_go_where(post: Post, tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text(
        "district,address,language\n1,ana@city.example,es\nTwo,bob@elsewhere.example,\n"
    )
    done = mail(
        "--recipients",
        str(people),
        "--to",
        "season=eve@city.example",
        "--into",
        str(tmp_path / "look"),
    )
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert [line.split("  ")[0].strip() for line in lines[:3]] == [
        "dry run",
        "not on the allow-list",
        "dry run",
    ]
    assert "ward-1.es.html" in lines[0]
    assert "season.html" in lines[2]
    assert "Nothing was sent" in lines[-1]
    assert post.taken == []
    first = min((tmp_path / "look").glob("*.eml"))
    read = email.message_from_bytes(first.read_bytes(), policy=email.policy.default)
    (page,) = read.iter_attachments()
    assert page.get_filename() == "ward-1.es.html"
    assert "href=" not in page.get_content().replace('href="#', "")


def test_sending_sends_once_and_the_log_tells(post: Post, home: Path) -> None:
    people = (
        "--to",
        "1=ana@city.example",
        "--to",
        "1=ana@city.example",
        "--to",
        "2=ana@city.example",
    )
    assert mail(*people, "--send").exit_code == 0
    assert len(post.taken) == 2
    again = mail(*people, "--send")
    assert again.output.count("sent before") == 2
    assert len(post.taken) == 2
    assert mail(*people[:2], "--send", "--again").exit_code == 0
    assert len(post.taken) == 3
    with (home / "mails" / "log.csv").open(encoding="utf-8", newline="") as file:
        assert [row["outcome"] for row in csv.DictReader(file)].count("sent") == 3


def test_a_mail_that_was_not_sent_is_a_failure(post: Post) -> None:
    done = mail("--to", "1=bob@elsewhere.example", "--send")
    assert done.exit_code == 1
    assert "1 of 1 mails were not sent" in done.output
    assert post.taken == []


@pytest.mark.parametrize("missing", ["OUTREACH_MAIL_FROM", "OUTREACH_MAIL_ALLOW_LIST"])
def test_a_preview_needs_no_sender_and_no_allow_list(
    missing: str, post: Post, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(missing)
    done = mail("--to", "1=a@city.example")
    assert done.exit_code == 0, done.output
    assert f"Before you send, set {missing} to" in done.output
    assert list((home / "mails" / "preview").iterdir())
    assert post.taken == []


@pytest.mark.parametrize(
    ("missing", "arguments", "said"),
    [
        ("OUTREACH_MAIL_FROM", ("--to", "1=a@city.example", "--send"), "No sender is set"),
        (
            "OUTREACH_MAIL_ALLOW_LIST",
            ("--to", "1=a@city.example", "--send"),
            "No allow-list is set",
        ),
        ("OUTREACH_SMTP_HOST", ("--to", "1=a@city.example", "--send"), "No SMTP server is set"),
        ("", (), "There is no recipient"),
        ("", ("--to", "1=a@city.example", "--kind", "Parish"), "reports by Ward"),
        ("", ("--to", "77=a@city.example"), "No Ward is called '77'"),
        ("", ("--to", "ana@city.example"), "names no district"),
    ],
)
@pytest.mark.usefixtures("post")
def test_what_is_missing_is_said_before_anything_is_sent(
    missing: str, arguments: tuple[str, ...], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if missing:
        monkeypatch.delenv(missing)
    failure = mail(*arguments).exception
    assert isinstance(failure, OutreachError)
    assert said in str(failure)
