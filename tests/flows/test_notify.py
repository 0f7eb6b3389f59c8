"""People are told once of each cause, what it is, and what to do; a real receiver gets it."""

import datetime as dt
import http.server
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pandas as pd
import pytest
from aiosmtpd.controller import Controller
from prefect.blocks.notifications import CustomWebhookNotificationBlock
from prefect.blocks.system import Secret
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.engine.serving.channels import Channel, list_channels
from flows.engine.serving.jobs import Job, JobState
from flows.notify import _find_failures, deliver, send_test, watch_service
from flows.steps.service.watch import find_change, find_late, find_stale
from outreach.archive import Archive
from outreach.campaign import read_campaign
from outreach.catalog import read_words
from outreach.catalog.retell import retell_all
from outreach.errors import SettingsError
from outreach.settings import Settings
from outreach.store import Notice, NoticeBook, NoticeKind

EXAMPLE = Path(__file__).parents[2] / "outreach" / "examples" / "invented_county.toml"
#: Noon of a summer day in the East, and the same evening.
NOON = dt.datetime(2020, 5, 28, 16, tzinfo=dt.UTC)
EVENING = dt.datetime(2020, 5, 28, 23, 30, tzinfo=dt.UTC)


class Receiver(http.server.BaseHTTPRequestHandler):
    """Keeps what it is sent, and answers with the status of its server."""

    def do_POST(self) -> None:
        size = int(self.headers["Content-Length"])
        self.server.received.append(json.loads(self.rfile.read(size)))  # type: ignore[attr-defined]
        self.send_response(self.server.status)  # type: ignore[attr-defined]
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing."""


@pytest.fixture
def receiver() -> Iterator[Any]:
    server: Any = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    server.received, server.status = [], 200
    server.address = f"http://127.0.0.1:{server.server_port}/secret-part"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


class Archived:
    """Stands where an archive is asked for its newest date; it has no receipts yet."""

    def __init__(self, newest: dt.date | None) -> None:
        self.newest = newest

    def latest_date(self, _codes: Any) -> dt.date | None:
        return self.newest

    def receipts(self) -> list[Any]:
        return []


def make_notice(key: str = "stale/county", at: dt.datetime = NOON) -> Notice:
    return Notice(
        key=key,
        kind=NoticeKind.STALE,
        at=at,
        title="County: the rates are 5 days old",
        what="The newest rates are those of May 23.",
        todo="Get today's rates.",
        place="/campaigns/county",
    )


def find_english(notice: Notice) -> list[str]:
    """Return which of a notice's texts the Spanish page of notices shows in English."""
    texts = (notice.title, notice.what, notice.todo)
    return [told.text for told in retell_all(texts, read_words("es"), "notice") if told.lang]


def test_rates_that_do_not_come_in_their_hours_are_late() -> None:
    campaign = read_campaign(EXAMPLE)
    archive: Any = Archived(dt.date(2020, 5, 26))
    settings = Settings()
    assert find_late("county", campaign, archive, settings, NOON) is None
    late = find_late("county", campaign, archive, settings, EVENING)
    assert late is not None
    assert late.key == "late/county/2020-05-28"
    assert "from 3:00 p.m. to 7:00 p.m. Eastern time on May 28, 2020" in late.what
    assert "those of May 26, 2020" in late.what
    assert late.todo.startswith("Look at the Bureau's page")
    assert find_english(late) == []
    # Before the first rates and after the deadline nothing is expected.
    empty: Any = Archived(None)
    assert find_late("county", campaign, empty, settings, EVENING) is None
    over = EVENING + dt.timedelta(days=400)
    assert find_late("county", campaign, archive, settings, over) is None


def test_rates_older_than_the_limit_are_stale_and_people_are_reminded_weekly() -> None:
    campaign = read_campaign(EXAMPLE)
    archive: Any = Archived(dt.date(2020, 5, 26))
    settings = Settings(stale_days=3)

    def find(days: int) -> Notice | None:
        moment = dt.datetime(2020, 5, 26, 16, tzinfo=dt.UTC) + dt.timedelta(days=days)
        return find_stale("county", campaign, archive, settings, moment)

    assert find(3) is None
    stale = [find(days) for days in (4, 10, 11)]
    keys = [notice.key for notice in stale if notice is not None]
    assert keys[0] == keys[1] != keys[2]
    assert stale[0] is not None
    assert "4 days old" in stale[0].title
    assert "those of May 26, 2020" in stale[0].what
    assert "Get today's rates" in stale[0].todo
    assert find_english(stale[0]) == []


@pytest.mark.parametrize(("percent", "is_told"), [(49, True), (50, False)])
def test_a_list_that_changed_more_than_the_limit_is_named(percent: float, *, is_told: bool) -> None:
    runs = [
        SimpleNamespace(
            id=f"run-{day}",
            data_date=dt.date(2020, 5, day),
            created_at=NOON,
            campaign=SimpleNamespace(name="County"),
        )
        for day in (28, 20)
    ]
    # Of four places on either list, one is new and one is gone.
    places = {"run-20": ["a", "b", "c"], "run-28": ["b", "c", "d"]}
    store: Any = SimpleNamespace(
        read_table=lambda name, _table: pd.DataFrame({"place": places[name]})
    )
    listed: Any = runs
    notice = find_change(store, listed, Settings(change_percent=percent))
    assert (notice is not None) == is_told
    assert find_change(store, listed[:1], Settings(change_percent=0)) is None
    if notice is not None:
        assert notice.title == "County: 50% of the list changed"
        assert "run-28 has 1 place that the run run-20 had not, and lacks 1 place" in notice.what
        assert notice.place == "/runs/run-28/compare?earlier=run-20"
        assert find_english(notice) == []


def test_the_same_failure_of_a_day_is_one_notice_and_old_ones_are_none(tmp_path: Path) -> None:
    def fail(number: int, message: str, hours: float) -> Job:
        ended = EVENING - dt.timedelta(hours=hours)
        state = JobState.DONE if message == "fine" else JobState.FAILED
        return Job(
            UUID(int=number), "county", "refresh", "county", state, message, {}, None, ended, ended
        )

    jobs = [
        fail(1, "The service does not answer.", 1),
        fail(2, "The service does not answer.", 2),
        fail(3, "The key is refused.", 2),
        fail(4, "The disk is full.", 30),
        fail(5, "fine", 1),
    ]
    book = NoticeBook(tmp_path)
    new = [notice for notice in _find_failures(jobs, EVENING) if book.add(notice)]
    assert [notice.what for notice in new] == [
        "The service does not answer.",
        "The key is refused.",
    ]
    assert new[0].title == "Get today's rates (county) failed"
    # What a job said is in English; the rest is not.
    assert find_english(new[0]) == [new[0].what]
    title = retell_all([new[0].title], read_words("es"), "notice")[0].text
    assert title == "Obtener las tasas de hoy (county) falló"
    assert new[0].place == f"/jobs/{UUID(int=1)}"
    assert "start it again" in new[0].todo
    assert not book.add(new[0])


def test_a_webhook_gets_each_notice_once(tmp_path: Path, receiver: Any) -> None:
    settings = Settings(
        home=tmp_path, notify_webhook=receiver.address, portal_url="https://census.example"
    )
    book, channels = NoticeBook(tmp_path), list_channels(settings)
    book.add(make_notice())
    book.add(make_notice("stale/old", NOON - dt.timedelta(days=2)))
    for _ in range(2):
        deliver(settings, book, channels, NOON)
    assert len(receiver.received) == 1
    sent = receiver.received[0]
    assert sent["subject"] == "County: the rates are 5 days old"
    assert sent["body"] == (
        "The newest rates are those of May 23.\n\nWhat to do: Get today's rates.\n\n"
        "https://census.example/campaigns/county"
    )
    assert sent["text"] == f"{sent['subject']}\n{sent['body']}"


def test_a_way_that_fails_is_tried_again_later_and_never_shows_its_address(
    tmp_path: Path, receiver: Any
) -> None:
    settings = Settings(home=tmp_path, notify_webhook=receiver.address)
    book, channels = NoticeBook(tmp_path), list_channels(settings)
    book.add(make_notice())
    receiver.status = 500
    for minutes in (0, 1, 6, 10):
        deliver(settings, book, channels, NOON + dt.timedelta(minutes=minutes))
    assert len(receiver.received) == 2
    receiver.status = 200
    deliver(settings, book, channels, NOON + dt.timedelta(minutes=40))
    tries = book.read_deliveries()["stale/county"]
    assert [one.fault for one in tries] == [*["The webhook answered with status 500."] * 2, ""]
    gone = Settings(home=tmp_path, notify_webhook="http://127.0.0.1:9/secret-part")
    fault = send_test(gone, NOON)[0].fault
    assert fault == "The webhook cannot be reached: nothing answers there."
    assert "secret-part" not in "".join(
        path.read_text() for path in (tmp_path / "service").glob("*.jsonl")
    )


def test_mail_goes_to_people_on_the_allow_list_only(tmp_path: Path) -> None:
    received: list[Any] = []

    class Inbox:
        async def handle_DATA(  # noqa: N802  aiosmtpd's name
            self, _server: Any, _session: Any, envelope: Any
        ) -> str:
            received.append(envelope)
            return "250 OK"

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Controller(Inbox(), hostname="127.0.0.1", port=port)
    server.start()
    try:
        (tmp_path / "allowed.txt").write_text("@city.example\n")
        settings = Settings(
            home=tmp_path,
            notify_mail="ana@city.example, bob@elsewhere.example",
            mail_from="census@city.example",
            mail_allow_list=tmp_path / "allowed.txt",
            smtp_host="127.0.0.1",
            smtp_port=port,
        )
        first, second = send_test(settings, NOON)
    finally:
        server.stop()
    assert (first.channel, first.fault) == ("mail to ana@city.example", "")
    assert second.fault == "The mail was not on the allow-list."
    assert [envelope.rcpt_tos for envelope in received] == [["ana@city.example"]]
    text = received[0].content.decode()
    assert "Subject: Census outreach: a test" in text
    assert "What to do: Nothing is to be done." in text


# Apprise looks at pictures with a module that Python is to lose.
@pytest.mark.filterwarnings("ignore:'imghdr'")
def test_slack_and_teams_are_prefect_s_own_blocks(tmp_path: Path, receiver: Any) -> None:
    slack = "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"
    teams = (
        "https://prod-1.westus.logic.azure.com:443/workflows/0123456789abcdef/triggers/manual/"
        "paths/invoke?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=abcDEF123"
    )
    channels = list_channels(Settings(home=tmp_path, notify_slack=slack, notify_teams=teams))
    assert [channel.name for channel in channels] == ["slack", "teams"]
    # Slack's own message, sent to a receiver on this machine instead.
    block: Any = channels[0].send.args[0]  # type: ignore[attr-defined]
    block._apprise_client.servers[0].webhook_url = receiver.address
    assert channels[0].send("A subject", "A body", "key") == ""
    assert "A body" in json.dumps(receiver.received[0])
    receiver.status = 500
    assert channels[0].send("A subject", "A body", "key") == "The service did not take the message."


def test_a_block_that_is_saved_in_prefect_is_a_way_as_it_is_at_that_moment(
    tmp_path: Path, prefect_api: str, receiver: Any
) -> None:
    names = "custom-webhook/desk, secret/word, custom-webhook/nobody, desk"
    desk, word, nobody, kindless = list_channels(Settings(home=tmp_path, notify_blocks=names))
    fields = {"name": "desk", "json_data": {"said": "{{subject}}: {{body}}"}}
    with temporary_settings({PREFECT_API_URL: prefect_api}):
        CustomWebhookNotificationBlock(url="http://127.0.0.1:1", **fields).save("desk")
        assert "cannot be reached" in desk.send("A subject", "A body", "key")
        # A block that is mended on Prefect's pages needs no start of the service.
        hook = CustomWebhookNotificationBlock(url=receiver.address, **fields)
        hook.save("desk", overwrite=True)
        assert desk.send("A subject", "A body", "key") == ""
        assert receiver.received == [{"said": "A subject: A body"}]
        Secret(value="x").save("word", overwrite=True)
        assert "none that sends notifications" in word.send("A subject", "A body", "key")
        for absent in (nobody, kindless):
            assert "Prefect has no block" in absent.send("A subject", "A body", "key")


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"notify_slack": "hello"}, "OUTREACH_NOTIFY_SLACK is not the address"),
        ({"notify_teams": "https://example.com/x"}, "OUTREACH_NOTIFY_TEAMS is not the address"),
        ({"notify_mail": "a@b.example"}, "but not OUTREACH_SMTP_HOST, OUTREACH_MAIL_FROM"),
    ],
)
def test_a_wrong_channel_is_one_sentence(given: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        list_channels(Settings(**given))


def test_the_command_tries_every_way_and_lists_what_was_noticed(inside: Any, receiver: Any) -> None:
    nobody = inside("notify", "--test")
    assert (nobody.returncode, nobody.stderr.split(".")[0]) == (1, "Error: Nobody gets notices")
    hook = {"OUTREACH_NOTIFY_WEBHOOK": receiver.address}
    done = inside("notify", "--test", **hook)
    assert (done.returncode, done.stdout) == (0, "webhook: sent\n")
    assert receiver.received[0]["subject"] == "Census outreach: a test"
    receiver.status = 404
    refused = inside("notify", "--test", **hook)
    assert refused.returncode == 1
    assert "status 404" in refused.stdout
    assert "did not get through on 1 of 1 ways" in refused.stderr
    listed = json.loads(inside("notify", "--json").stdout)["notices"]
    assert [one["kind"] for one in listed] == ["test", "test"]
    assert "Census outreach: a test" in inside("notify").stdout


def test_a_notice_that_does_not_get_through_is_kept_for_the_portal(tmp_path: Path) -> None:
    book = NoticeBook(tmp_path)
    book.add(make_notice())
    deliver(Settings(home=tmp_path), book, [Channel("x", lambda *_: "no")], NOON)
    assert [notice.key for notice in book.read()] == ["stale/county"]
    assert book.read_deliveries()["stale/county"][0].fault == "no"


def test_a_damaged_run_and_a_damaged_archive_silence_no_other_campaign(
    tmp_path: Path, prefect_api: str
) -> None:
    settings = Settings(home=tmp_path, stale_days=3)
    (tmp_path / "campaigns").mkdir()
    text = EXAMPLE.read_text(encoding="utf-8")
    for name, state in (("county", "99"), ("other", "98")):
        own = text.replace('state = "99"', f'state = "{state}"')
        own = own.replace("Invented County", f"County of {state}")
        (tmp_path / "campaigns" / f"{name}.toml").write_text(own, encoding="utf-8")
        rates = pd.DataFrame(
            {
                "data_date": pd.Timestamp(2020, 5, 1),
                "cumulative_share": [0.5],
                "internet_share": 0.4,
                "daily_share": 0.01,
                "daily_internet_share": 0.01,
            },
            index=pd.Index([f"{state}001000100"], name="geoid"),
        )
        Archive(settings.archive_folder).append(rates, "invented", NOON)
    (tmp_path / "runs" / "2020-05-01-county-of-99-x").mkdir(parents=True)
    (tmp_path / "runs" / "2020-05-01-county-of-99-x" / "manifest.json").write_text("{")
    next(settings.archive_folder.glob("rates/2020/state=98/*.parquet")).write_bytes(b"damaged")

    with temporary_settings({PREFECT_API_URL: prefect_api}):
        found = watch_service(settings, NOON)
    assert [notice.key.split("/")[:2] for notice in found] == [["stale", "county"]]
