"""A plan from the request to the public site: every page says so, and none has a rate of today."""

import datetime as dt
import json
import re
import shlex
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from fastapi.testclient import TestClient
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.atlas import build_atlas
from flows.forms import describe_run
from flows.steps.atlas.plans import find_census
from flows.steps.check.campaign import describe_requests
from outreach.archive import Archive
from outreach.campaign import read_campaign
from outreach.errors import NothingThere
from outreach.portal.access.roles import Role
from outreach.portal.access.users import UserBook
from outreach.portal.app import make_app
from outreach.sandbox.county.world import InventedCounty
from outreach.sandbox.server import Sandbox
from outreach.settings import Settings, read_settings
from outreach.store import Store
from tests.portal.conftest import PASSWORD, URL, sign_in
from tests.portal.crawler import crawl
from tests.twins import list_faults, list_untold, read_pages

#: What only a running season can say.
SEASON_WORDS = ("have responded", "responded so far", "Response rate", "answered by")
#: The classes of the example, as columns name them.
CLASSES = ("internet_first", "internet_choice", "update_leave")
#: What is called alike in every language.
NAMES = (
    "Invented County 2030 with its own figures",
    "Adults with asthma",
    "Calls to 311",
    *(f"Ward {n}" for n in range(1, 13)),
)


@pytest.fixture
def planned(inside: Any) -> Any:
    """The commands of the page on planning, on the invented county."""
    page = (Path(__file__).parents[2] / "docs" / "planning.md").read_text(encoding="utf-8")
    shell = re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
    commands = [shlex.split(line)[1:] for block in shell for line in block.splitlines()]
    (added,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    assert {command[0] for command in commands} == {"init", "run", "report", "pack", "publish"}

    county = InventedCounty(today=dt.date(2026, 12, 1))
    (inside.folder / "wards.geojson").write_bytes(county.file("/districts/wards.geojson") or b"")
    with Sandbox(county) as sandbox:
        env = {
            "OUTREACH_API_URL": sandbox.url,
            "OUTREACH_FILES_URL": sandbox.url,
            "OUTREACH_CENSUS_API_KEY": sandbox.key,
        }
        for command in commands:
            done = inside(*command, **env)
            assert done.returncode == 0, done.stdout + done.stderr
            if command[0] == "init":
                campaign: Path = inside.folder / command[1]
                text = campaign.read_text().replace('["csv"]', '["csv", "excel"]')
                campaign.write_text(f"{text}\n{added}")
            if command[0] == "run":
                assert "plan for 2030" in done.stdout
    return inside


def test_a_plan_goes_through_the_whole_house_in_words_of_a_plan(planned: Any) -> None:
    run = planned.home / "runs" / "latest"
    manifest = json.loads((run / "manifest.json").read_text())
    assert manifest["campaign"]["phase"] == "planning"
    # A later plan on the same figures finds what this one expects.
    assert any((planned.home / "cache" / "kept" / "expected-response").iterdir())
    assert "expected to respond by themselves in 2030" in manifest["summary"]["Plan"]
    assert not {"Rate", "Forecast"} & set(manifest["summary"])
    assert {source["name"] for source in manifest["inputs"]} >= {"selfresponserate", "acs5"}

    # The tables have what is expected with its range, and the last census beside it.
    tracts = pd.read_parquet(run / "tables" / "tracts.parquet")
    scores = pd.read_parquet(run / "tables" / "scores.parquet")
    planned_tracts = tracts.loc[scores.index]
    assert planned_tracts["final_2020_share"].notna().all()
    assert (scores["final_low80_share"] < planned_tracts["cumulative_share"]).all()
    assert (scores["final_high80_share"] > planned_tracts["cumulative_share"]).all()
    assert scores["reasons"].str.contains("expected to be missing in 2030").all()
    assert not scores["reasons"].str.contains("have not responded|today's rate").any()

    # Lists and files of platforms.
    assert len(pd.read_csv(run / "exports" / "targets.csv")) > 0
    workbook = next((run / "exports").glob("*.xlsx"))
    with zipfile.ZipFile(workbook) as sheets:
        words = sheets.read("xl/sharedStrings.xml").decode()
    assert "Plan for 2030, of" in words
    assert "Data of" not in words

    # What it costs to reach them, by channel and by district.
    reach = pd.read_csv(run / "reach.csv")
    assert set(reach["scenario"]) == {"low", "middle", "high"}
    assert "online ads" in set(reach["channel"])
    wards = pd.read_csv(run / "reach_districts.csv")
    assert wards["district"].nunique() == 12
    assert (wards["staff_count"] >= 0).all()

    # Every page of the team and of the public.
    pages = [
        run / "map.html",
        *planned.home.glob("reports/*/ward/*.html"),
        *planned.home.glob("public/*/**/*.html"),
    ]
    english = [path for path in pages if not path.name.endswith(".es.html")]
    assert len(english) > 20
    for path in english:
        text = path.read_text(encoding="utf-8")
        assert "expected" in text.lower(), path
        if path.name != "map.html":
            assert "plan" in text.lower(), path
            assert not [words for words in SEASON_WORDS if words in text], path

    # What a check promises is what the run sent: the question whether there are rates, and these.
    promised = describe_requests(read_campaign(planned.folder / "plan.toml"))
    sent = sum(each["requests"] for each in manifest["inputs"] if "/data/" in each["address"])
    assert int(promised.split()[0]) == 1 + sent

    # Its notes and its summary can be said in Spanish.
    assert list_untold((*manifest["notes"], *manifest["summary"].values())) == []

    # The Spanish pages of team, public, and committee are Spanish.
    for folder in ("reports", "public"):
        assert list_faults(read_pages(planned.home / folder), NAMES) == {}
    assert list_faults(read_pages(planned.folder / "pack"), NAMES) == {}

    check_pack(planned.home, planned.folder / "pack")
    check_atlas(planned.home, planned.folder / "atlas")
    check_indicators(run, planned.home)
    check_portal(planned.home, run.resolve().name, planned.env["PREFECT_API_URL"])
    made, _ = Store(planned.home / "runs").find("latest")
    assert "is made: a plan for 2030 of " in describe_run(made)


def check_portal(home: Path, run_id: str, prefect_api: str) -> None:
    """Check that each role gets every page that the portal's pages of a plan lead it to."""
    users = UserBook(home)
    for role in Role:
        users.add(role.value, role, PASSWORD)
    with temporary_settings({PREFECT_API_URL: prefect_api}):
        app = make_app(Settings(home=home))
        for role in Role:
            client = TestClient(app, base_url=URL, follow_redirects=False)
            assert sign_in(client, role.value).status_code == 303
            pages = list(crawl(client, pattern=r"/(campaigns|runs|public)\b"))
            assert [(address, status) for address, status, _ in pages if status != 200] == []
            seen = {address for address, _, _ in pages}
            assert {f"/runs/{run_id}", f"/runs/{run_id}/map", f"/runs/{run_id}/targets"} <= seen
            assert any("/lists/" in each for each in seen) == role.includes(Role.MARKETER)
            # A plan is called one, with the day it was made, and never data of a day.
            for page in ("/", f"/runs/{run_id}", "/runs"):
                # Jobs are those of Prefect, so also of other tests.
                text = client.get(f"{page}?language=en").text.partition("Latest jobs")[0]
                assert "Plan for 2030, made on " in text, page
                assert "ata of " not in re.sub(r"<th[^>]*>Data of</th>", "", text), page
                assert "Plan para 2030, hecho el " in client.get(f"{page}?language=es").text
            assert "/start/measure-run/" not in client.get(f"/runs/{run_id}").text
            client.close()


def check_pack(home: Path, into: Path) -> None:
    """Check that the committee's pack says plan, and that its figures add up to the run's."""
    page = (into / "pack.html").read_text(encoding="utf-8")
    assert page.count('<article class="sheet"') == 12
    assert "are expected to respond by themselves in 2030" in page
    assert not [words for words in SEASON_WORDS if words in page]
    assert "faltarían en 2030" in (into / "pack.es.html").read_text(encoding="utf-8")

    # Parts of the need are what the run itself says that they cost.
    table = pd.read_csv(into / "districts.csv").set_index("name")
    wards = table.drop(index="all")
    reach = pd.read_csv(home / "runs" / "latest" / "reach_districts.csv")
    for scenario, share in (("low", 20), ("middle", 40), ("high", 60)):
        own = reach[reach["scenario"] == scenario].set_index("district")
        for figure in ("cost_usd", "staff_count", "phone_usd", "door_homes_count"):
            found = table[f"reach{share}_{figure}"].reindex(own.index)
            assert found.to_numpy() == pytest.approx(own[figure].to_numpy(), abs=0.06)
    assert (wards["missing_low_count"] < wards["missing_count"]).all()
    assert (wards["missing_high_count"] > wards["missing_count"]).all()
    assert wards["missing_count"].sum() == pytest.approx(table.loc["all", "missing_count"], abs=1)
    # A ward has its range as one event, which is narrower than what its tracts have on average.
    tracts = pd.read_csv(into / "tracts.csv", dtype={"geoid": str})
    weight = tracts["weight_share"] * tracts["households_count"]
    spread = (tracts["final_high80_share"] - tracts["final_low80_share"]) * weight
    own = spread.groupby(tracts["district_name"]).sum()
    alike = own / weight.groupby(tracts["district_name"]).sum()
    width = wards["high_share"] - wards["low_share"]
    assert (width < 0.99 * alike.reindex(width.index)).all()
    assert table.loc["all", "high_share"] - table.loc["all", "low_share"] < width.min()
    # A share that the campaign brings itself stands among the people.
    assert "Adults with asthma (2024)" in page
    assert "<li><bdi>Adults with asthma 2024</bdi></li>" in page
    assert wards["indicator_asthma_share"].between(0.01, 0.5).all()
    assert (wards["indicator_asthma_share"] * wards["households_count"]).sum() == pytest.approx(
        table.loc["all", "indicator_asthma_share"] * table.loc["all", "households_count"], rel=0.01
    )
    # The shares of a column of words make up a whole, under one heading.
    assert page.count("<bdi>Contact strategy (2024)</bdi>") == 12
    classes = [f"indicator_contact_class_{name}_share" for name in CLASSES]
    assert table[classes].sum(axis=1).to_numpy() == pytest.approx(1.0, abs=0.001)
    assert wards["renters_share"].between(0.01, 0.99).all()
    assert wards["hard_to_count_share"].max() > wards["hard_to_count_share"].min()
    assert wards["little_english_es_households_count"].sum() == pytest.approx(
        table.loc["all", "little_english_es_households_count"], abs=1
    )


def check_atlas(home: Path, into: Path) -> None:
    """Without a rate of 2030 the atlas shows what the plan expects, in both languages."""
    settings = read_settings(home=home, files_url="http://127.0.0.1:9", retries=0)
    assert find_census(settings) == 2030
    archive = Archive(settings.archive_folder, 2030)
    summary = build_atlas(archive, settings, into)
    assert (summary.coming, summary.counties, summary.tracts) == (2030, 1, 801)
    assert json.loads((into / "atlas.json").read_text())["plans_for"] == 2030

    # Each tract has the figures of the run, and the county its range as one event.
    scores = pd.read_parquet(home / "runs" / "latest" / "tables" / "scores.parquet")
    page = (into / "counties" / "99001.html").read_text(encoding="utf-8")
    headings = re.findall(r'data-column="\w+">([^<]+)', page)
    assert headings == ["Tract", "Expected", "Missing", "Low", "High", "In 2020", "Class", "Rank"]
    rows = [
        [
            cell.strip()
            for cell in re.split(r"<td>|<th scope=row>", row.partition("</tbody>")[0])[1:]
        ]
        for row in page.split("<tr id=")[1:]
    ]
    table = pd.DataFrame(rows, columns=headings)
    known = table[table["Rank"] != ""]
    low = 100 * scores["final_low80_share"].sort_values().to_numpy()
    assert known["Low"].astype(float).sort_values().to_numpy() == pytest.approx(low, abs=0.051)
    assert known["Missing"].astype(str).str.replace(",", "").astype(int).sum() == pytest.approx(
        scores["missing_households_count"].sum(), abs=400
    )
    first, last = (
        float(part)
        for part in re.findall(r"<dd>([\d.]+)% to ([\d.]+)%</dd>", page)[0]  # the 80% range
    )
    assert 0.5 < last - first < 5 < (known["High"].astype(float) - known["Low"].astype(float)).min()

    for path in into.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        spanish = "es" in path.relative_to(into).parts
        assert ("plan del" if spanish else "plan of") in text.lower(), path
        assert not [words for words in SEASON_WORDS if words in text], path
    script = "".join(path.read_text(encoding="utf-8") for path in into.glob("assets/*.js"))
    assert '"hard_to_count"' in script

    with pytest.raises(NothingThere, match="what plans expect of it has no data date"):
        build_atlas(archive, settings, into, through=dt.date(2030, 5, 1))
    with pytest.raises(NothingThere, match="No plan for 2030 has tracts of state 17"):
        build_atlas(archive, settings, into, states=["17"])


def check_indicators(run: Path, home: Path) -> None:
    """Own figures are columns, a predictor, layers and popup lines; the site has the public one."""
    tracts = pd.read_parquet(run / "tables" / "tracts.parquet")
    assert tracts["indicator_calls_count"].sum() == 99_934
    assert tracts["indicator_asthma_share"].between(0.03, 0.22).sum() == 802
    manifest = json.loads((run / "manifest.json").read_text())
    assert "indicator_asthma_share" in manifest["assessment"]["predictors_used"]
    vintages = [each["vintage"] for each in manifest["inputs"] if "indicator" in each["name"]]
    assert sorted(vintages) == [2019, 2024, 2024, 2024]
    # A column of words is one layer, and a private one.
    assert set(tracts["indicator_contact_class"]) >= {"Internet First", "Update Leave"}
    drivers = pd.read_csv(run / "drivers.csv").set_index("concept")["driver"]
    assert drivers["local indicator"] == "local indicator: Adults with asthma"

    page = (run / "map.html").read_text(encoding="utf-8")
    assert "Larkmere Health Department (invented), 2024." in page
    assert '"indicator_contact"' in page
    assert '"fact.indicator_asthma_share": "Adults with asthma (2024)"' in page.replace(
        '":"', '": "'
    )

    # Of the private one not even the title is published.
    (site,) = (home / "public").iterdir()
    files = [path for path in site.rglob("*") if path.is_file()]
    public = b"".join(path.read_bytes() for path in files).lower()
    assert b"asthma" not in public
    # The public side calls it a plan by this.
    assert json.loads((site / "publication.json").read_text())["plan_for"] == 2030
    assert b"update leave" not in public
    table = pd.read_csv(site / "ward" / "open-data" / "tracts.csv")
    assert table["indicator_calls_count"].max() == 350
    dictionary = pd.read_csv(site / "ward" / "open-data" / "data-dictionary.csv")
    meaning = dictionary.set_index("column").loc["indicator_calls_count", "meaning"]
    assert "Source: Larkmere 311 (invented), 2024-09-30." in meaning
    assert table["indicator_calls_2022_count"].max() > 0

    # The public one is a series on the front page, with its date, in both languages.
    for name, words in (
        ("index.html", "Figures of the city"),
        ("index.es.html", "Cifras de la ciudad"),
    ):
        front = (site / name).read_text(encoding="utf-8")
        assert words in front
        assert "Calls to 311" in front
    assert "Sep 30, 2024" in (site / "index.html").read_text(encoding="utf-8")
