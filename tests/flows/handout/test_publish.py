"""Publish a folder without small counts and without anything of a running test."""

import datetime as dt
import hashlib
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from flows.handout.publish import publish_run
from flows.steps.measuring.in_flight import find_tests_in_flight
from flows.trial.activity import import_activity
from flows.trial.evidence import make_evidence
from outreach.campaign import PlaceLayer
from outreach.errors import CampaignError, StoreError
from outreach.settings import Settings, read_settings
from outreach.store import Store
from outreach.store.publications import Publications
from tests.flows.town import keep_run, write_plan
from tests.reports.town import make_readout

START, END = dt.date(2020, 6, 15), dt.date(2020, 6, 30)
_LINK = re.compile(r'href="([^"#:]+)"')


def read_texts(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield every file as text, tables as CSV, and of the map only its data."""
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".parquet":
            yield path.name, pd.read_parquet(path).to_csv()
        elif path.name == "map.html":
            found = re.search(
                r'id="map-data">(.*?)</script>', path.read_text(encoding="utf-8"), re.DOTALL
            )
            assert found
            data = json.loads(found[1])
            # The words of every map name what no public one shows.
            for language in data["languages"]:
                del language["texts"]
            yield path.name, json.dumps(data)
        elif path.is_file():
            yield path.name, path.read_text(encoding="utf-8")


#: What partners logged: one week large enough to publish, and one that is not.
LOG = (
    "organization,kind,place,day,contacts\n"
    "Ines Solo,calls,99001000100,2020-06-09,7777\nInes Solo,doors,99001000100,2020-06-09,9\n"
)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Settings]:
    """A site of a run with a test under way, and the settings it was made with."""
    folder = tmp_path_factory.mktemp("published")
    settings = read_settings(home=folder / "home")
    layers = []
    for layer, place, is_public in (("Help", "Main Library", True), ("Ours", "Back Room", False)):
        file = folder / f"{layer}.csv"
        file.write_text(f"name,lat,lon,hours\n{place},0.005,0.005,Mon-Fri 9-5\n")
        layers.append(
            PlaceLayer(name=layer, file=str(file), hours_column="hours", public=is_public)
        )
    for share, when in ((0.5, dt.date(2020, 6, 5)), (0.52, dt.date(2020, 6, 12))):
        keep_run(settings, folder, share, when, places=tuple(layers), shows_activity=True)
    (folder / "log.csv").write_text(LOG)
    import_activity(settings, folder / "log.csv")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OUTREACH_HOME", str(settings.home))
        return publish_run.fn("latest", folder / "site"), settings


@pytest.fixture
def site(published: tuple[Path, Settings], monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OUTREACH_HOME", str(published[1].home))
    return published[0]


def test_a_site_has_a_front_page_and_no_link_leads_nowhere(site: Path) -> None:
    names = {str(path.relative_to(site)) for path in site.rglob("*")}
    wanted = (
        "index.html index.es.html map.html ward/index.html ward/season.es.html"
        " ward/open-data/tracts.parquet"
    )
    assert set(wanted.split()) <= names
    assert "map.html#lang=es" in (site / "index.es.html").read_text(encoding="utf-8")
    assert 'href="map.html"' in (site / "index.html").read_text(encoding="utf-8")
    for page in site.rglob("*.html"):
        if page.name != "map.html":
            for link in _LINK.findall(page.read_text(encoding="utf-8")):
                assert (page.parent / link).is_file(), f"{page.name}: {link}"


def test_the_public_side_reads_what_was_published(published: tuple[Path, Settings]) -> None:
    site, settings = published
    run = Store(settings.runs_folder).find()[0]
    shutil.copytree(site, settings.home / "public" / run.id)
    Publications(settings.home).show(run.campaign.slug, run.id)
    shown = Publications(settings.home).find(run.campaign.slug)
    assert shown is not None
    assert (shown.run_id, shown.data_date, shown.plan_for) == (run.id, run.data_date, None)
    assert shown.read("index.html") == (site / "index.html").read_bytes()
    assert [each.slug for each in Publications(settings.home).survey()] == [run.campaign.slug]

    # The evidence counts the files and the columns of the open data, and names its license.
    _, contents = make_evidence(settings, "latest")
    criteria = json.loads(contents["evidence.json"])["criteria"]
    proofs = {proof["kind"]: proof for each in criteria for proof in each["proofs"]}
    offered, dictionary = proofs["open_data"], proofs["dictionary"]
    package = json.loads(contents[offered["file"]])
    assert offered["values"]["license_id"] == package["licenses"][0]["name"] == "CC0-1.0"
    assert "license_cc0" in offered["values"]["license"]
    assert "bajo CC0 1.0 (sin derechos reservados)" in contents["evidence.es.html"].decode()
    assert offered["values"]["count"] == len(package["resources"]) == 6
    columns = contents[dictionary["file"]].decode().splitlines()
    assert dictionary["values"]["count"] == len(columns) - 1


def test_nothing_of_a_running_test_is_in_the_folder(published: tuple[Path, Settings]) -> None:
    site, home = published
    secrets = (
        "holdout",
        "treat",
        "87654",
        "87,654",
        "123457",
        "123,457",
        "60699",
        "4321",
        "team",
        "7777",
        "7,777",
        "Ines",
    )
    run = json.loads(
        (Store(home.runs_folder).find("latest")[1] / "manifest.json").read_text(encoding="utf-8")
    )
    assert any("87654" in json.dumps(run[part]) for part in run)
    for name, text in read_texts(site):
        # The digits of a hash are any, so also those of a secret.
        plain = re.sub(r"[0-9a-f]{8,}", "", text.replace("stay with the outreach team", ""))
        assert [secret for secret in secrets if secret in plain] == [], name
    told = json.loads(dict(read_texts(site))["map.html"])
    assert not {"arm", "budget_usd", "rank", "reasons", "next_step"} & set(told["columns"])
    assert told["units"] is None
    assert not {"targets", "units", "priority"} & {layer["name"] for layer in told["layers"]}


def test_places_of_help_are_published_unless_their_list_is_kept(site: Path) -> None:
    texts = dict(read_texts(site))
    assert json.loads(texts["map.html"])["sites"]["names"] == ["Main Library"]
    assert "Main Library" in texts["ward-1.html"]
    assert "none within" not in texts["ward-2.html"]
    assert [name for name, text in texts.items() if "Back Room" in text] == []


@pytest.mark.usefixtures("site")
def test_a_test_that_is_over_is_told(tmp_path: Path) -> None:
    site = publish_run.fn("latest", tmp_path / "site", ("en",), test_over=True)
    tracts = pd.read_csv(site / "ward" / "open-data" / "tracts.csv")
    assert set(tracts["arm"].dropna()) == {"treat", "holdout"}
    assert tracts["budget_usd"].sum() == 87654.32
    assert "$87,654" not in (site / "ward" / "season.html").read_text(encoding="utf-8")
    assert "arm" not in json.loads(dict(read_texts(site))["map.html"])["columns"]

    # What partners did is told by district, without their names and without small weeks.
    page = (site / "ward" / "ward-1.html").read_text(encoding="utf-8")
    assert "Calls: 7,777 contacts" in page
    assert "from the logs of 1 organization until June 12, 2020" in page
    assert "Doors" not in page
    assert "no week with 10 or more contacts" in (site / "ward" / "ward-2.html").read_text()
    index = (site / "ward" / "index.html").read_text(encoding="utf-8")
    assert "<td>7,777</td>" in index
    assert not any("Solo" in text for text in dict(read_texts(site)).values())


def test_a_small_tract_is_in_no_count(site: Path) -> None:
    tracts = pd.read_csv(
        site / "ward" / "open-data" / "tracts.csv", dtype={"geoid": "str"}
    ).set_index("geoid")
    small = "99001000800"
    assert tracts.loc[small, ["households_count", "missing_households_count"]].isna().all()
    told = json.loads(dict(read_texts(site))["map.html"])
    place = told["geoids"].index(small)
    for name in ("households_count", "housing_units_count", "missing_households_count"):
        assert told["columns"][name]["values"][place] is None
        assert told["columns"][name]["values"][place - 1] is not None
    page = (site / "ward" / "ward-2.html").read_text(encoding="utf-8")
    assert "1 tract with fewer than 100 households" in page
    assert "Tract 108" not in page
    assert "Tract 107" in page
    assert (
        json.loads((site / "publication.json").read_text(encoding="utf-8"))[
            "tracts_with_hidden_counts"
        ]
        == 1
    )


def test_a_folder_of_somebody_else_is_not_touched_and_ones_own_is_replaced(
    site: Path, tmp_path: Path
) -> None:
    other = tmp_path / "photos"
    other.mkdir()
    (other / "cat.jpg").write_bytes(b"cat")
    with pytest.raises(StoreError, match="is not a publication"):
        publish_run.fn("latest", other)
    assert (other / "cat.jpg").read_bytes() == b"cat"
    (site / "CNAME").write_text("census.example.org")
    assert publish_run.fn("latest", site, ("en",)) == site
    assert (site / "CNAME").read_text() == "census.example.org"
    assert not list(site.glob("*.es.html"))
    assert not list(site.parent.glob(".building*"))


@pytest.mark.usefixtures("site")
def test_a_link_or_a_damaged_record_is_refused_and_nothing_is_touched(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.mkdir()
    link.symlink_to(real)
    with pytest.raises(StoreError, match="is a link"):
        publish_run.fn("latest", link)
    (real / "publication.json").write_text("")
    with pytest.raises(StoreError, match="cannot be read: the file is empty"):
        publish_run.fn("latest", real)
    assert [path.name for path in real.iterdir()] == ["publication.json"]
    assert link.is_symlink()


def read_site(site: Path, run_id: str) -> dict[str, bytes]:
    """Read every file, but for the record and its hashes, with the run's id left out."""
    return {
        str(path.relative_to(site)): path.read_bytes().replace(run_id.encode(), b"")
        for path in site.rglob("*")
        if path.is_file() and path.name != "publication.json"
    }


def test_no_published_byte_depends_on_a_hidden_count_in_any_week(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def publish_weeks(small: float) -> list[dict[str, bytes]]:
        home = tmp_path / f"home-{small}"
        settings = read_settings(home=home)
        monkeypatch.setenv("OUTREACH_HOME", str(home))
        weeks = []
        for week in range(2):
            when = dt.date(2020, 6, 5) + dt.timedelta(days=7 * week)
            run = keep_run(settings, tmp_path, 0.5 + week / 50, when, small=small)
            site = publish_run.fn("latest", home / f"site-{week}", ("en",))
            weeks.append(read_site(site, run.id))
        return weeks

    few, more = publish_weeks(3.0), publish_weeks(19.0)
    assert few == more
    assert {"map.html", "index.html", "ward/open-data/districts.parquet"} <= set(few[1])


def test_a_test_in_flight_of_another_campaign_hides_the_arms(
    home: Settings, tmp_path: Path
) -> None:
    over = publish_run.fn("latest", tmp_path / "over", ("en",), test_over=True)
    assert "arm" in pd.read_csv(over / "ward" / "open-data" / "tracts.csv")
    own = Store(home.runs_folder).find("latest")[0]
    other = keep_run(
        home,
        tmp_path,
        0.52,
        dt.date(2020, 6, 12),
        name="Another campaign",
        plan=write_plan("Another campaign", START, END),
    )
    held = publish_run.fn(own.id, tmp_path / "held", ("en",), test_over=True)
    tracts = pd.read_csv(held / "ward" / "open-data" / "tracts.csv")
    assert not {"arm", "budget_usd"} & set(tracts)
    assert "a test" in (held / "index.html").read_text(encoding="utf-8")
    record = json.loads((held / "publication.json").read_text(encoding="utf-8"))
    assert record["arms_and_money"] == "withheld"

    # A read-out of that test frees the ground; one of another test does not.
    store = Store(home.runs_folder)
    plan = (store.find(other.id)[1] / "plan.json").read_bytes()
    folder = home.home / "measurements" / "one"
    folder.mkdir(parents=True)
    digests = ("0" * 64, hashlib.sha256(plan.rstrip(b"\n")).hexdigest())
    for digest, tests in zip(digests, ([other.id], []), strict=True):
        readout = make_readout(0.004).model_copy(update={"plan_digest": digest})
        (folder / "effect.json").write_text(readout.model_dump_json(), encoding="utf-8")
        open_tests = find_tests_in_flight(store, home.home, own)
        assert [test.run.id for test in open_tests] == tests


def test_the_own_test_must_be_over_and_read_out_or_the_reason_is_recorded(
    home: Settings, tmp_path: Path
) -> None:
    plan = write_plan("Test town", START, END)
    run = keep_run(home, tmp_path, 0.53, dt.date(2020, 6, 12), plan=plan)
    draft = keep_run(home, tmp_path, 0.53, dt.date(2020, 6, 12), plan=plan.replace("0.25", "0.2"))
    Store(home.runs_folder).approve(run.id, "Ada")

    # The flight runs; then it is over, and nobody has read the test out.
    refused = tmp_path / "refused"
    with pytest.raises(StoreError, match=r"is not over: its flight runs until June 30, 2020, and"):
        publish_run.fn(run.id, refused, ("en",), test_over=True)
    later = keep_run(home, tmp_path, 0.55, dt.date(2020, 7, 3))
    for name in (run.id, later.id):
        with pytest.raises(StoreError, match=f"nobody has read its .* 'outreach measure {run.id}'"):
            publish_run.fn(name, refused, ("en",), test_over=True)
    with pytest.raises(CampaignError, match="Add --test-over"):
        publish_run.fn(run.id, refused, ("en",), reason="The council asks.")
    assert not refused.exists()

    # A reason is recorded with what it published.
    site = publish_run.fn(run.id, tmp_path / "one", ("en",), test_over=True, reason="A court asks.")
    record = json.loads((site / "publication.json").read_text(encoding="utf-8"))
    assert record["published_before_readout_because"] == "A court asks."
    assert record["arms_and_money"] == "published"

    # Once it is read out, no reason is needed, and the drafts of the flight hide nothing.
    digest = hashlib.sha256(plan.rstrip("\n").encode()).hexdigest()
    folder = home.home / "measurements" / run.id
    folder.mkdir(parents=True)
    readout = make_readout(0.004).model_copy(update={"plan_digest": digest, "run_id": run.id})
    (folder / "effect.json").write_text(readout.model_dump_json(), encoding="utf-8")
    for name in (run.id, draft.id):
        site = publish_run.fn(name, tmp_path / name, ("en",), test_over=True)
        record = json.loads((site / "publication.json").read_text(encoding="utf-8"))
        assert "published_before_readout_because" not in record
    page = (site / "ward" / "season.html").read_text(encoding="utf-8")
    assert f"It is the test of run {run.id}." in page
    assert "a test" not in (site / "index.html").read_text(encoding="utf-8")


def test_a_damaged_register_stops_the_publication_and_leaves_the_site(
    home: Settings, tmp_path: Path
) -> None:
    site = publish_run.fn("latest", tmp_path / "site", ("en",))
    before = {path: path.read_bytes() for path in site.rglob("*") if path.is_file()}
    (home.home / "disclosure" / "2020.json").write_text("{", encoding="utf-8")
    with pytest.raises(StoreError, match="register of hidden counts"):
        publish_run.fn("latest", site, ("en",))
    assert {path: path.read_bytes() for path in site.rglob("*") if path.is_file()} == before


def test_partners_logs_stay_with_the_team_unless_the_campaign_publishes_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = read_settings(home=tmp_path / "home")
    monkeypatch.setenv("OUTREACH_HOME", str(settings.home))
    keep_run(settings, tmp_path, 0.5, dt.date(2020, 6, 12))
    (tmp_path / "log.csv").write_text(LOG)
    import_activity(settings, tmp_path / "log.csv")

    site = publish_run.fn("latest", tmp_path / "site", ("en",), test_over=True)

    assert "7,777" not in (site / "ward" / "ward-1.html").read_text(encoding="utf-8")
    assert "What partners did" not in (site / "ward" / "index.html").read_text(encoding="utf-8")
