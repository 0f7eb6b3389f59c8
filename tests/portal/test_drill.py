"""A season is replayed by the commands of its page, and read in the portal."""

import datetime as dt
import json
import shlex
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from flows.drill import decide_day, end_drill, open_next_day, start_drill
from flows.forms import replay_campaign
from flows.steps.drill.book import DrillBook
from models.evaluation.drill import ListChoice
from outreach.archive import Archive
from outreach.campaign import Campaign
from outreach.errors import InputError, NothingThere, OutreachError, StoreError
from outreach.portal.access.roles import Role
from outreach.sandbox.county.world import InventedCounty
from outreach.settings import Settings
from outreach.store import Store, read_kept_campaign
from tests.portal.conftest import Enter
from tests.portal.crawler import crawl
from tests.test_docs import list_commands
from tests.twins import list_faults, read_pages

LATER, LAST = dt.date(2020, 6, 11), dt.date(2020, 10, 16)


@pytest.fixture(scope="module")
def county() -> InventedCounty:
    return InventedCounty()


@pytest.fixture
def settings(home: Path, county: InventedCounty) -> Settings:
    """Return a folder with a run of May 28 and one of June 11, and an archived season."""
    settings = Settings(home=home)
    archive = Archive(settings.archive_folder, 2020)
    for day in (LATER, LAST):
        rates = county.season.rates(day)
        table = pd.DataFrame(
            {
                "data_date": pd.Timestamp(day),
                "cumulative_share": rates["CRRALL"] / 100,
                "internet_share": rates["CRRINT"] / 100,
                "daily_share": float("nan"),
                "daily_internet_share": float("nan"),
            }
        )
        archive.append(table, "invented", dt.datetime.combine(day, dt.time(20), dt.UTC))
    store = Store(settings.runs_folder)
    run, folder = store.find("latest")
    with store.begin(run.campaign.slug) as copy:
        for table in ("tracts", "scores", "targets"):
            copy.write_table(table, store.read_table(run.id, table))
        changes = {"id": copy.id, "data_date": LATER, "outputs": (), "reason": ""}
        copy.finish(run.model_copy(update=changes), is_latest=False)
    assert folder.is_dir()
    return settings


@pytest.fixture
def campaign(home: Path) -> Campaign:
    return read_kept_campaign(home, "county")


def decide(settings: Settings, choice: ListChoice, **options: Any) -> Any:
    """Decide the open day of the drill of the county."""
    given = {"by": "Ada", "reason": "to learn"} | options
    return decide_day(settings, "", choice, **given)


def test_the_commands_of_the_page_replay_a_season(
    inside: Any, home: Path, settings: Settings
) -> None:
    text = (home / "campaigns" / "county.toml").read_text(encoding="utf-8")
    (inside.folder / "campaign.toml").write_text(text, encoding="utf-8")
    printed = ""
    commands = list_commands("docs/drill.md")
    for line in commands:
        done = inside(*shlex.split(line)[1:], OUTREACH_HOME=str(home))
        assert (done.returncode, done.stderr) == (0, ""), f"{line}: {done.stdout}{done.stderr}"
        printed = done.stdout
    assert {line.split()[2] for line in commands} == {"start", "show", "decide", "next", "end"}
    assert "hold" in printed
    assert "final worst fifth" in printed

    # Both languages, and no figure of a day after the open one before the end.
    pages = sorted(path.name for path in (home / "drills" / "class-of-may").glob("*.html"))
    assert pages == ["drill.es.html", "drill.html"]
    page = (home / "drills" / "class-of-may" / "drill.html").read_text(encoding="utf-8")
    for expected in ("May 28, 2020", "June 11, 2020", "October 16, 2020", "Ada Lovelace"):
        assert expected in page
    spanish = (home / "drills" / "class-of-may" / "drill.es.html").read_text(encoding="utf-8")
    assert "Lo que se sabía" in spanish
    assert (
        list_faults(
            read_pages(home / "drills"),
            (
                "Ada Lovelace: Lowest rates first.",
                "Ada Lovelace: The rest where a dollar reaches most.",
            ),
        )
        == {}
    )
    assert settings.home == home


def test_what_came_is_what_the_archive_says(settings: Settings, campaign: Campaign) -> None:
    start_drill(settings, campaign)
    drill = decide(settings, ListChoice.LOWEST, money_usd=9000.0)
    decision = drill.days[0].decision
    assert decision.spent_usd <= 9000 < campaign.budget_usd
    assert drill.left_usd == round(campaign.budget_usd - decision.spent_usd, 2)
    open_next_day(settings)
    decide(settings, ListChoice.WAIT)
    ended, page = end_drill(settings)
    assert page.is_file()

    final = Archive(settings.archive_folder, 2020).read(campaign.codes, on=LAST)
    share = final["cumulative_share"].astype(float)
    own = pd.Series({one.geoid: one.households_count for one in decision.own})
    result = ended.result
    assert result is not None
    assert result.final_date == LAST
    missing = float((own * (1 - share.reindex(own.index))).sum())
    assert result.own.came_missing_count == pytest.approx(missing)
    worst = set(share.sort_values(kind="stable").index[: result.worst_fifth_count])
    assert result.own.worst_fifth_count == len(worst & set(own.index))
    # The day of waiting bought nothing for the trainee and nothing for the tool.
    assert [day.data_date for day in result.days] == [dt.date(2020, 5, 28)]
    assert end_drill(settings)[0].result == result


def test_no_tract_is_bought_twice_by_either_side(settings: Settings, campaign: Campaign) -> None:
    first = start_drill(settings, campaign)
    decide(settings, ListChoice.LOWEST, money_usd=6000.0)
    second = open_next_day(settings)
    decided = decide(settings, ListChoice.LOWEST, money_usd=6000.0)
    for side in ("own", "tool"):
        geoids = [one.geoid for day in decided.days for one in getattr(day.decision, side)]
        assert len(geoids) == len(set(geoids)) > 20
    offers = [{one.choice: one for one in day.days[-1].offers} for day in (first, second)]
    assert offers[1]["lowest-today"].tracts_count < offers[0]["lowest-today"].tracts_count


@pytest.mark.parametrize("money_usd", [8000.0, 11000.0])
def test_neither_side_spends_more_than_the_budget(
    money_usd: float, settings: Settings, campaign: Campaign
) -> None:
    start_drill(settings, campaign)
    decide(settings, ListChoice.LOWEST, money_usd=money_usd)
    # Whole tracts leave each side another rest, and the tool may not spend the trainee's.
    left_usd = open_next_day(settings).left_usd
    last = decide(settings, ListChoice.LOWEST, money_usd=left_usd)
    assert last.left_usd >= 0
    assert last.left_to_tool_usd >= 0


def test_steps_out_of_turn_are_refused_and_change_nothing(
    settings: Settings, campaign: Campaign
) -> None:
    with pytest.raises(StoreError, match="No drill was started yet"):
        open_next_day(settings)
    start_drill(settings, campaign, "A & B")
    record = settings.home / "drills" / "a-b" / "drill.json"
    before = record.read_bytes()
    refusals: list[tuple[type[OutreachError], str, Any]] = [
        (StoreError, "was started before", lambda: start_drill(settings, campaign, "A & B")),
        (NothingThere, "Nothing was bought", lambda: end_drill(settings)),
        (InputError, "name and a reason", lambda: decide(settings, ListChoice.TOOL, by=" ")),
        (
            InputError,
            r"is more than the \$30,000",
            lambda: decide(settings, ListChoice.TOOL, money_usd=1e6),
        ),
        (InputError, "buys no tract", lambda: decide(settings, ListChoice.TOOL, money_usd=1.0)),
        (StoreError, "There is no drill 'C'", lambda: open_next_day(settings, "C")),
        (
            NothingThere,
            "no data date for this drill",
            lambda: start_drill(settings, campaign, "late", first=LAST, last=LAST),
        ),
    ]
    for kind, sentence, step in refusals:
        with pytest.raises(kind, match=sentence):
            step()
    assert record.read_bytes() == before
    decide(settings, ListChoice.TOOL)
    with pytest.raises(StoreError, match="Ada has decided May 28, 2020 already"):
        decide(settings, ListChoice.WAIT)
    open_next_day(settings)
    with pytest.raises(StoreError, match="That was the last day"):
        open_next_day(settings)
    end_drill(settings)
    with pytest.raises(StoreError, match="was ended: everybody knows what came"):
        decide(settings, ListChoice.WAIT)
    assert not (settings.home / "drills" / "late").exists()


def test_a_killed_step_repeats_and_two_people_do_not_step_at_once(
    settings: Settings, campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = DrillBook(settings.home)
    with (
        monkeypatch.context() as patch,
        pytest.raises(KeyboardInterrupt),
    ):
        # Killed between the run and the record of its day.
        patch.setattr(
            "flows.drill.describe_day", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt)
        )
        start_drill(settings, campaign)
    assert book.find().days == ()
    runs = len(Store(settings.runs_folder).runs())
    with book.hold(campaign.name), pytest.raises(StoreError, match="stepped by somebody else"):
        open_next_day(settings)
    assert [day.data_date for day in open_next_day(settings).days] == [dt.date(2020, 5, 28)]
    assert len(Store(settings.runs_folder).runs()) == runs


def test_the_form_takes_the_same_steps(
    prefect: None, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    del prefect
    monkeypatch.setenv("OUTREACH_HOME", str(settings.home))

    def step(step: str, **values: Any) -> tuple[bool, str]:
        state = replay_campaign("county", step, requested_by="Ada", return_state=True, **values)
        return state.is_completed(), str(state.message)

    assert step("next")[1].startswith("There is no drill 'Invented County'.")
    is_done, sentence = step("start", first_drill_day="2020-05-20", every_days=7)
    assert is_done, sentence
    assert sentence.startswith("Invented County, day 1 of 2: the run 2")
    assert sentence.endswith(
        "the data of May 28, 2020. Nobody has decided it yet; $30,000 are left."
    )
    assert step("decide")[1].startswith("A decision needs a name and a reason.")
    decided = step("decide", drill_list="most-missing", spend_usd=9000.0, reason="to learn")
    assert "Ada has decided it" in decided[1]
    is_done, sentence = step("end")
    assert is_done, sentence
    assert "households that were missing on October 16, 2020" in sentence


def test_a_drill_is_read_in_the_portal_in_the_language_of_the_reader(
    enter: Enter, settings: Settings, campaign: Campaign
) -> None:
    start_drill(settings, campaign, "Class of May")
    client = enter("viewer")
    assert '<a href="/drills/class-of-may">' in client.get("/campaigns/invented-county").text
    page = client.get("/drills/class-of-may").text
    assert "What was known" in page
    assert "What came" not in page
    assert '<a href="/">Campaigns</a>' in page
    other = 'href="/drills/class-of-may?language=es" lang="es" hreflang="es">Español</a>'
    assert other in page
    assert "Lo que se sabía" in client.get("/drills/class-of-may?language=es").text
    assert client.get("/drills/another").status_code == 404
    decide(settings, ListChoice.MOST)
    end_drill(settings)
    assert "Lo que pasó" in client.get("/drills/class-of-may").text
    for role in Role:
        pages = list(crawl(enter(role.value), "/campaigns/invented-county", "/(drills/|$)"))
        assert [(address, status) for address, status, _ in pages if status != 200] == []
        assert any(address.startswith("/drills/class-of-may") for address, _, _ in pages)
    form = enter("planner").get("/start/replay/county").text
    assert '<option value="start" selected>Start the drill</option>' in form
    record = json.loads((settings.home / "drills" / "class-of-may" / "drill.json").read_text())
    assert record["format"] == 1
