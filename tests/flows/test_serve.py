"""What the service offers: forms for every campaign, one run at a time, plain outcomes."""

import contextlib
import datetime as dt
import json
import os
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import StateType
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.states import Running
from pydantic import SecretStr

from flows.engine.serving.jobs import (
    Job,
    JobState,
    Offer,
    find_offer,
    list_jobs,
    list_offers,
    read_job,
    read_log,
    start_job,
    stop_job,
    switch_schedule,
)
from flows.engine.serving.left_jobs import PATIENCE_SECONDS, JobWatch, close_left_jobs, hold_job
from flows.engine.serving.service import DATABASE_NAMES
from flows.engine.serving.workers import place_ready
from flows.notify import watch_service
from flows.steps.measuring.approval import approve_run
from outreach.archive import Archive
from outreach.campaign import parse_campaign
from outreach.census.client import fetch_rates
from outreach.errors import NothingThere, SettingsError
from outreach.sandbox.county.world import InventedCounty
from outreach.sandbox.server import Sandbox
from outreach.settings import Settings, read_settings
from outreach.store import NoticeBook, Store
from outreach.transport import Transport

EXAMPLE = Path(__file__).parents[2] / "outreach" / "examples" / "invented_county.toml"


class Service:
    """The flows of a home, served by a process of their own."""

    def __init__(self, home: Path, prefect_api: str, sandbox: Sandbox) -> None:
        self.home = home
        self.env = {
            name: value for name, value in os.environ.items() if not name.startswith("OUTREACH_")
        } | {
            "OUTREACH_HOME": str(home),
            "OUTREACH_API_URL": sandbox.url,
            "OUTREACH_FILES_URL": sandbox.url,
            "OUTREACH_CENSUS_API_KEY": sandbox.key,
            "OUTREACH_RETRIES": "0",
            "PREFECT_API_URL": prefect_api,
            "PREFECT_LOGGING_TO_API_ENABLED": "true",
            "PREFECT_LOGGING_LEVEL": "INFO",
            "PREFECT_HOME": str(home / "prefect"),
        }

    @contextlib.contextmanager
    def run(self, number: int = 1) -> Iterator["subprocess.Popen[bytes]"]:
        """Serve for the time of the block, as the first worker or as another one."""
        ready = place_ready(self.home, number)
        ready.unlink(missing_ok=True)
        log = self.home / "serve.log"
        with log.open("ab") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "flows.serve"],
                env=self.env,
                stdout=out,
                stderr=out,
                cwd=self.home,
            )
        try:
            wait(lambda: ready.is_file() or process.poll() is not None)
            assert process.poll() is None, log.read_text()[-3000:]
            yield process
        finally:
            process.terminate()
            process.wait(120)


def wait(is_so: Callable[[], Any], seconds: float = 600) -> None:
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, "it took too long"
        time.sleep(0.3)


def finish(offer: Offer, **values: Any) -> Job:
    """Start a job and wait for its end."""
    job = start_job(offer, values)
    wait(lambda: read_job(job).state in (JobState.DONE, JobState.FAILED, JobState.STOPPED))
    return read_job(job)


def is_suspended(job: UUID) -> bool:
    """Return whether a job has ended its process and waits for a person."""
    with get_client(sync_client=True) as client:
        state = client.read_flow_run(job).state
    return state is not None and state.name == "Suspended"


def answer(job: UUID, **typed: str) -> None:
    """Fill in Prefect's form of a job that waits, to approve its list."""
    with get_client(sync_client=True) as client:
        client.resume_flow_run(job, {"decision": "approve", **typed})


def get_offer(flow: str, name: str) -> Offer:
    offer = find_offer(flow, name)
    assert offer is not None
    return offer


def archive_today(service: Service, sandbox: Sandbox, day: dt.date) -> None:
    """Archive what the sandbox publishes, as a pull of that day did."""
    settings = read_settings(api_url=sandbox.url)
    transport = Transport(settings, SecretStr(sandbox.key))
    area = parse_campaign(tomllib.loads(EXAMPLE.read_text(encoding="utf-8")), "example").areas[0]
    rates = fetch_rates(2020, area, transport)
    moment = dt.datetime.combine(day, dt.time(20), dt.UTC)
    Archive(service.home / "archive").append(rates, "sandbox", moment)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(InventedCounty()) as server:
        yield server


@pytest.fixture(scope="module")
def service(
    tmp_path_factory: pytest.TempPathFactory, prefect_api: str, sandbox: Sandbox
) -> Iterator[Service]:
    home = tmp_path_factory.mktemp("service")
    (home / "campaigns").mkdir()
    (home / "campaigns" / "county.toml").write_text(EXAMPLE.read_text(encoding="utf-8"))
    served = Service(home, prefect_api, sandbox)
    with temporary_settings({PREFECT_API_URL: prefect_api}), served.run():
        yield served


def test_every_campaign_and_every_form_is_offered(service: Service) -> None:
    assert service.home.is_dir()
    offers = {(offer.flow, offer.name): offer for offer in list_offers()}
    assert set(offers) >= {
        ("run-campaign", "county"),
        ("refresh", "county"),
        ("backfill", "county"),
        ("replay", "county"),
        ("report-run", "any-campaign"),
        ("publish-run", "any-campaign"),
        ("measure-run", "any-campaign"),
        ("list-nation", "any-campaign"),
    }
    fields = offers["run-campaign", "county"].fields
    assert list(fields) == [
        "campaign",
        "budget_usd",
        "data_date",
        "reason",
        "requested_by",
        "dry_run",
        "wait_for_approval",
    ]
    assert fields["campaign"]["enum"] == ["county"]
    for offer in offers.values():
        for field in offer.fields.values():
            assert field["title"][0].isupper()
            assert field["description"].endswith(".")
    refresh = offers["refresh", "county"]
    # The deadline of 2020 is over, so nothing is asked for day by day.
    assert (refresh.schedule, refresh.is_scheduled) == ("0,30 15-18 * * *", False)


def test_a_pull_says_whether_the_rates_are_new(service: Service, sandbox: Sandbox) -> None:
    offer = get_offer("refresh", "county")
    sandbox.world = InventedCounty(today=dt.date(2020, 5, 20))
    first = finish(offer, campaign="county", then_run=False)
    assert first.state == JobState.DONE, first.message
    assert first.message == "New: the rates of May 20, 2020 are archived."
    sandbox.world = InventedCounty(today=dt.date(2020, 5, 28))
    second = finish(offer, campaign="county", then_run=False)
    assert second.message == "New: the rates of May 28, 2020 are archived."
    third = finish(offer, campaign="county", then_run=True)
    assert third.message == ("Nothing new today: the newest rates are still those of May 28, 2020.")
    assert list((service.home / "archive").rglob("*.parquet"))


def test_a_campaign_runs_with_another_budget_and_says_what_it_made(service: Service) -> None:
    offer = get_offer("run-campaign", "county")
    asked = {"budget_usd": 30000, "reason": "half the money", "requested_by": "Ada"}
    started = start_job(offer, {"campaign": "county", "wait_for_approval": True, **asked})
    wait(lambda: is_suspended(started) or read_job(started).ended_at)
    manifest = json.loads((service.home / "runs" / "latest" / "manifest.json").read_text())

    # It goes on once somebody approved the list, wherever that was.
    approve_run(Store(service.home / "runs"), manifest["id"], "Grace", reason="as agreed")
    wait(lambda: read_job(started).ended_at)
    job = read_job(started)
    assert job.state == JobState.DONE, job.message
    assert " Grace approved its list on " in job.message
    assert not list((service.home / "service" / "waiting").iterdir())
    assert manifest["campaign"]["budget_usd"] == 30000
    assert (manifest["reason"], manifest["requested_by"]) == ("half the money", "Ada")
    assert job.message.startswith(f"The run {manifest['id']} is made: data of May 28, 2020, ")
    # The lines of a job reach the server a little later than its end.
    wait(lambda: job.message in {line.text for line in read_log(job.id)})
    lines = [line.text for line in read_log(job.id)]
    assert lines[0] == "Pull rates, predictors, boundaries ..."
    assert f"The job waits until the list of {manifest['id']} is approved." in lines
    assert any(line.startswith("Draw the map: ") and line.endswith(" s") for line in lines)
    assert lines[-1] == job.message
    assert str(job.id) in {str(one.id) for one in list_jobs(offer=offer)}


@pytest.mark.bench
def test_a_list_is_approved_in_prefect_s_form_where_nobody_signs_in(
    service: Service, sandbox: Sandbox
) -> None:
    day = dt.date(2020, 5, 28)
    sandbox.world = InventedCounty(today=day)
    archive_today(service, sandbox, day)
    offer, store = get_offer("run-campaign", "county"), Store(service.home / "runs")
    again = {"campaign": "county", "budget_usd": 20000, "data_date": str(day)}
    job = start_job(offer, again | {"wait_for_approval": True})
    wait(lambda: is_suspended(job) or read_job(job).ended_at)
    run = store.find("latest")[0]
    assert run.campaign.budget_usd == 20000

    # Nothing else waits for a job that waits for a person.
    assert finish(offer, campaign="county", dry_run=True).state == JobState.DONE

    # An answer in Prefect's form without a name approves nothing, and the job waits on.
    answer(job, name="", reason="")
    refusal = "The job still waits. The answer has no name or no reason."
    wait(lambda: any(line.text.startswith(refusal) for line in read_log(job)))
    wait(lambda: is_suspended(job))
    assert store.approval(run.id) is None
    answer(job, name="Ada", reason="read it twice")
    wait(lambda: read_job(job).ended_at)
    assert read_job(job).message.startswith(f"The run {run.id} is made: ")
    approval = store.approval(run.id)
    assert approval is not None
    assert (approval.by, approval.reason) == ("Ada", "read it twice")


def test_a_check_makes_nothing(service: Service) -> None:
    before = sorted((service.home / "runs").glob("2*"))
    job = finish(get_offer("run-campaign", "county"), campaign="county", dry_run=True)
    assert job.state == JobState.DONE, job.message
    assert job.message.startswith("Invented County can run. It asks for ")
    assert sorted((service.home / "runs").glob("2*")) == before


def test_a_failure_is_one_sentence(service: Service) -> None:
    assert service.home.is_dir()
    offer = get_offer("run-campaign", "county")
    job = finish(offer, campaign="county", data_date="2020-04-01")
    assert job.state == JobState.FAILED
    assert "April 1, 2020" in job.message
    assert "Error" not in job.message
    watch_service(Settings(home=service.home), dt.datetime.now(dt.UTC))
    notices = {notice.what: notice for notice in NoticeBook(service.home).read()}
    assert notices[job.message].place == f"/jobs/{job.id}"
    wrong = finish(offer, campaign="county", data_date="2020-02-31")
    assert wrong.message.startswith("There is no day '2020-02-31'.")
    with pytest.raises(SettingsError, match="refuses to start run-campaign/county"):
        start_job(offer, {"campaign": "county", "budget_usd": -5})
    with pytest.raises(SettingsError, match="refuses"):
        start_job(offer, {"campaign": "another"})


def test_a_period_is_filled_once_and_latest_stays(service: Service, sandbox: Sandbox) -> None:
    county = InventedCounty()
    for day in (dt.date(2020, 5, 20), dt.date(2020, 5, 28)):
        sandbox.world = county.on(day)
        archive_today(service, sandbox, day)
    latest = (service.home / "runs" / "latest").resolve()
    offer = get_offer("backfill", "county")
    period = {"campaign": "county", "first_day": "2020-05-01", "last_day": "2020-05-27"}
    planned = finish(offer, **period, dry_run=True)
    assert planned.message == ("1 run would be made: data of May 20, 2020.")
    filled = finish(offer, **period)
    assert filled.state == JobState.DONE, filled.message
    assert filled.message.startswith("1 run made: data of May 20, 2020")
    again = finish(offer, **period)
    assert again.state == JobState.FAILED
    assert again.message.startswith("The archive has no data date from 2020-05-01")
    assert (service.home / "runs" / "latest").resolve() == latest


def test_jobs_of_one_campaign_wait_for_one_another_and_can_be_stopped(service: Service) -> None:
    assert service.home.is_dir()
    offer = get_offer("run-campaign", "county")
    first = start_job(offer, {"campaign": "county"})
    second = start_job(offer, {"campaign": "county"})
    wait(
        lambda: (
            JobState.RUNNING in {read_job(first).state, read_job(second).state}
            or read_job(first).state == JobState.DONE
        )
    )
    states = [read_job(one).state for one in (first, second)]
    assert states.count(JobState.RUNNING) <= 1
    for one in (first, second):
        stop_job(one, "Ada")
    ends = (JobState.STOPPED, JobState.DONE)
    wait(lambda: all(read_job(one).state in ends for one in (first, second)))
    assert JobState.STOPPED in {read_job(one).state for one in (first, second)}
    wait(lambda: not list((service.home / "runs").glob(".building-*")))


def test_a_new_campaign_is_served_and_a_removed_one_withdrawn(service: Service) -> None:
    file = service.home / "campaigns" / "second.toml"
    file.write_text(EXAMPLE.read_text(encoding="utf-8"))
    wait(lambda: find_offer("refresh", "second") is not None)
    offer = get_offer("refresh", "second")
    switch_schedule(offer, on=True)
    assert get_offer("refresh", "second").is_scheduled
    file.unlink()
    wait(lambda: "second" not in {offer.name for offer in list_offers()})


def test_a_job_that_is_not_there_is_named(service: Service) -> None:
    assert service.home.is_dir()
    with pytest.raises(NothingThere, match="There is no job"):
        read_job(UUID(int=0))


def test_a_job_that_a_killed_service_left_is_ended_and_others_are_not(
    service: Service,
) -> None:
    assert service.home.is_dir()
    offer = get_offer("run-campaign", "county")
    with get_client(sync_client=True) as client:
        ours = start_job(offer, {"campaign": "county", "dry_run": True})
        wait(lambda: read_job(ours).ended_at)
        client.set_flow_run_state(ours, Running(), force=True)
        foreign = client.create_flow_run(somebody_else, state=Running()).id
        assert close_left_jobs() == 1
        assert client.read_flow_run(foreign).state_type == StateType.RUNNING
        client.delete_flow_run(foreign)
    job = read_job(ours)
    assert job.state == JobState.FAILED
    assert job.message == "The service was stopped during this job. Start it again."


def test_a_job_whose_process_is_gone_is_ended_and_no_other(service: Service) -> None:
    offer, watch = get_offer("run-campaign", "county"), JobWatch(service.home)
    job = start_job(offer, {"campaign": "county", "dry_run": True})
    wait(lambda: read_job(job).ended_at)
    with get_client(sync_client=True) as client:
        client.set_flow_run_state(job, Running(), force=True)

    # A process that works on it may take as long as it likes.
    with hold_job(service.home, str(job)):
        assert watch.end_left_jobs(0) == 0
        assert watch.end_left_jobs(100 * PATIENCE_SECONDS) == 0

    # Without one, it has some time to begin, or to say how it ended.
    start = 200 * PATIENCE_SECONDS
    assert watch.end_left_jobs(start) == 0
    assert watch.end_left_jobs(start + PATIENCE_SECONDS) == 0
    assert read_job(job).state == JobState.RUNNING
    assert watch.end_left_jobs(start + PATIENCE_SECONDS + 1) == 1
    assert (read_job(job).state, read_job(job).message) == (
        JobState.FAILED,
        "The process of this job is gone. Start it again.",
    )
    assert watch.end_left_jobs(start + 10 * PATIENCE_SECONDS) == 0
    assert not list(service.home.glob("service/jobs/*"))


@flow
def somebody_else() -> None:
    """Stand for a flow that is not of this service."""


@pytest.mark.bench
def test_two_workers_share_the_jobs_and_one_goes_on_without_the_other(
    tmp_path: Path, prefect_api: str, prefect_database: str, sandbox: Sandbox
) -> None:
    """Each runs one flow at a time, so two that run at once have a worker each."""
    if not prefect_database:
        pytest.skip("no PostgreSQL server is installed (apt-get install postgresql)")
    (tmp_path / "campaigns").mkdir()
    for name in ("north", "south"):
        (tmp_path / "campaigns" / f"{name}.toml").write_text(EXAMPLE.read_text(encoding="utf-8"))
    served = Service(tmp_path, prefect_api, sandbox)
    served.env |= {
        "OUTREACH_WORKERS": "2",
        "OUTREACH_PARALLEL_RUNS": "1",
        DATABASE_NAMES[0]: prefect_database,
        "PREFECT_CLIENT_RETRY_EXTRA_CODES": "500",
    }

    def read_states(jobs: list[UUID]) -> list[JobState]:
        return [read_job(job).state for job in jobs]

    with temporary_settings({PREFECT_API_URL: prefect_api}), served.run():
        with served.run(2) as second:
            jobs = [
                start_job(get_offer("run-campaign", name), {"campaign": name})
                for name in ("north", "south")
            ]
            wait(lambda: read_states(jobs) == [JobState.RUNNING] * 2)
            # Every job runs once, although both workers were offered it.
            wait(lambda: read_states(jobs) == [JobState.DONE] * 2)
            assert len(list((tmp_path / "runs").glob("2*"))) == 2
            jobs = [start_job(get_offer("run-campaign", "north"), {"campaign": "north"})]
            second.kill()
        jobs += [start_job(get_offer("run-campaign", "south"), {"campaign": "south"})]
        wait(lambda: read_job(jobs[-1]).ended_at)
        assert read_job(jobs[-1]).state == JobState.DONE
        # The killed worker may have had the other one; it is ended as one whose process is gone.
        wait(lambda: read_job(jobs[0]).ended_at)
        assert read_job(jobs[0]).state in (JobState.DONE, JobState.FAILED)
