"""Publishing: a folder for the web in which nothing small and nothing of a running test can be found."""

import datetime as dt
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from flows.publish import publish_run
from outreach.errors import StoreError
from outreach.settings import Settings, read_settings
from outreach.store import Store
from tests.flows.town import keep_run

_LINK = re.compile(r'href="([^"#:]+)"')


def read_texts(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield every file as text, tables of any form as CSV; of the map what is data, for its scripts know the words."""
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".parquet":
            yield path.name, pd.read_parquet(path).to_csv()
        elif path.name == "map.html":
            found = re.search(
                r'id="map-data">(.*?)</script>', path.read_text(encoding="utf-8"), re.DOTALL
            )
            assert found
            yield path.name, found[1]
        elif path.is_file():
            yield path.name, path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Settings]:
    """A site of a run with a test under way, and the settings it was made with."""
    folder = tmp_path_factory.mktemp("published")
    settings = read_settings(home=folder / "home")
    for share, when in ((0.5, dt.date(2020, 6, 5)), (0.52, dt.date(2020, 6, 12))):
        keep_run(settings, folder, share, when)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OUTREACH_HOME", str(settings.home))
        return publish_run.fn("latest", folder / "site"), settings


@pytest.fixture
def site(published: tuple[Path, Settings], monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OUTREACH_HOME", str(published[1].home))
    return published[0]


def test_a_site_has_a_front_page_and_no_link_leads_nowhere(site: Path) -> None:
    names = {str(path.relative_to(site)) for path in site.rglob("*")}
    wanted = "index.html index.es.html map.html ward/index.html ward/season.es.html ward/open-data/tracts.parquet"
    assert set(wanted.split()) <= names
    for page in site.rglob("*.html"):
        if page.name != "map.html":
            for link in _LINK.findall(page.read_text(encoding="utf-8")):
                assert (page.parent / link).is_file(), f"{page.name}: {link}"


def test_nothing_of_a_running_test_is_in_the_folder(published: tuple[Path, Settings]) -> None:
    site, home = published
    secrets = ("holdout", "treat", "87654", "87,654", "123457", "123,457", "60699", "4321", "team")
    run = json.loads(
        (Store(home.runs_folder).find("latest")[1] / "manifest.json").read_text(encoding="utf-8")
    )
    assert any("87654" in json.dumps(run[part]) for part in run)
    for name, text in read_texts(site):
        plain = text.replace("stay with the outreach team", "")
        assert [secret for secret in secrets if secret in plain] == [], name
    told = json.loads(dict(read_texts(site))["map.html"])
    assert not {"arm", "budget_usd", "rank", "reasons", "next_step"} & set(told["columns"])
    assert told["units"] is None
    assert not {"targets", "units", "priority"} & {layer["name"] for layer in told["layers"]}


@pytest.mark.usefixtures("site")
def test_a_test_that_is_over_is_told(tmp_path: Path) -> None:
    site = publish_run.fn("latest", tmp_path / "site", ("en",), test_over=True)
    tracts = pd.read_csv(site / "ward" / "open-data" / "tracts.csv")
    assert set(tracts["arm"].dropna()) == {"treat", "holdout"}
    assert tracts["budget_usd"].sum() == 87654.32
    assert "$87,654" not in (site / "ward" / "season.html").read_text(encoding="utf-8")
    assert "arm" not in json.loads(dict(read_texts(site))["map.html"])["columns"]


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
    (site / "stray.html").write_text("left over")
    assert publish_run.fn("latest", site, ("en",)) == site
    assert not (site / "stray.html").exists()
