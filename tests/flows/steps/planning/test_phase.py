"""One place decides what is a plan, and rates of a midseason are never final."""

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pydantic import SecretStr

from flows.steps.notes import Notes
from flows.steps.planning.finals import read_finals, read_last_rates
from flows.steps.planning.phase import settle_phase
from flows.steps.sources.pulled import Pulled
from outreach.archive import Archive
from outreach.campaign import Area, Campaign
from outreach.errors import CampaignError, NothingThere
from outreach.sandbox.county.world import InventedCounty
from outreach.sandbox.server import Sandbox
from outreach.settings import read_settings
from outreach.store import Input
from outreach.transport import Transport
from tests.builders import make_campaign

PLAN_DAY = dt.date(2026, 12, 1)
COUNTY = (Area(state="99", county="001"),)


def plan(**changes: object) -> Campaign:
    values: dict[str, object] = {
        "census_year": 2030,
        "deadline": dt.date(2030, 10, 15),
        "areas": COUNTY,
    }
    return make_campaign(**(values | changes))


def settle(
    campaign: Campaign, folder: Path, *, data_date: dt.date | None = None
) -> tuple[Campaign, tuple[str, ...], list[str]]:
    notes = Notes()
    with Sandbox(InventedCounty(today=PLAN_DAY)) as sandbox:
        settings = read_settings(home=folder, api_url=sandbox.url, files_url=sandbox.url)
        transport = Transport(settings, SecretStr(sandbox.key))
        archive = Archive(settings.archive_folder, campaign.census_year)
        settled = settle_phase(campaign, archive, transport, data_date, notes)
        requests = [path for path, _ in sandbox.log]
    return settled, notes.sentences, requests


def test_a_census_without_rates_is_planned_by_itself_with_a_flight(tmp_path: Path) -> None:
    settled, notes, requests = settle(plan(), tmp_path)
    assert settled.is_plan
    assert len(requests) == 1
    assert settled.flight is not None
    assert settled.flight.start == dt.date(2030, 3, 20)
    assert settled.flight.end == settled.deadline
    assert any("No flight is set" in note for note in notes)


def test_a_known_census_is_a_season_and_nothing_is_asked(tmp_path: Path) -> None:
    settled, _, requests = settle(make_campaign(census_year=2020, areas=COUNTY), tmp_path)
    assert settled.phase == "season"
    assert requests == []


def test_archived_rates_make_it_a_season(tmp_path: Path) -> None:
    archive = Archive(read_settings(home=tmp_path).archive_folder, 2030)
    rates = pd.DataFrame(
        {
            "data_date": pd.Timestamp("2030-03-25"),
            "cumulative_share": [0.2],
            "internet_share": [0.1],
            "daily_share": np.nan,
            "daily_internet_share": np.nan,
        },
        index=pd.Index(["99001000100"], name="geoid"),
    )
    archive.append(rates, "test", dt.datetime(2030, 3, 25, tzinfo=dt.UTC))  # type: ignore[arg-type]
    settled, _, requests = settle(plan(), tmp_path)
    assert settled.phase == "season"
    assert requests == []


def test_what_cannot_be_planned_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CampaignError, match="A plan has no data date"):
        settle(plan(phase="planning"), tmp_path, data_date=dt.date(2030, 4, 1))
    later = plan(phase="planning", census_year=2040, deadline=dt.date(2040, 10, 15))
    with pytest.raises(CampaignError, match="no final rates of 2030"):
        settle(later, tmp_path)


def pull(**columns: object) -> Pulled:
    table = pd.DataFrame(columns, index=pd.Index(["99001000100", "99001000200"], name="geoid"))
    source = Input(
        name="rates",
        address="",
        rows=2,
        sha256="",
        fetched_at=dt.datetime(2026, 12, 1, tzinfo=dt.UTC),
    )
    return Pulled(table, 2020, source)


def test_final_rates_get_the_day_of_the_plan_and_a_tract_without_one_is_left_out() -> None:
    pulled = pull(final_2020_share=[0.6, np.nan], final_2020_internet_share=[0.5, np.nan])
    rates = read_finals(pulled, 2020, PLAN_DAY)
    assert rates.table.index.tolist() == ["99001000100"]
    assert rates.table["cumulative_share"].tolist() == [0.6]
    assert rates.source.data_date == PLAN_DAY
    nothing = pull(final_2020_share=np.nan, final_2020_internet_share=np.nan)
    with pytest.raises(NothingThere, match="no final rate of 2020"):
        read_finals(nothing, 2020, PLAN_DAY)


def test_the_last_rates_of_a_season_stand_in_only_if_it_was_over() -> None:
    shares = {"cumulative_share": [0.6, 0.7], "internet_share": [0.5, 0.6]}
    rates = read_last_rates(pull(data_date=pd.Timestamp("2021-01-29"), **shares), 2020, PLAN_DAY)
    assert "January 29, 2021" in rates.source.note
    assert (rates.table["data_date"] == pd.Timestamp(PLAN_DAY)).all()
    with pytest.raises(NothingThere, match="not final"):
        read_last_rates(pull(data_date=pd.Timestamp("2020-05-28"), **shares), 2020, PLAN_DAY)
