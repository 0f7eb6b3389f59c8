"""Build the atlas with a real file server on loopback, or with none."""

import datetime as dt
import hashlib
import http.server
import json
import re
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from click.testing import CliRunner
from pydantic import SecretStr

from flows.atlas import build_atlas
from outreach.archive import Archive
from outreach.cli.look.atlas import atlas
from outreach.errors import NothingThere, StoreError
from outreach.sandbox.shapefile import format_tracts, lay_out, zip_shapefile
from outreach.settings import Settings, read_settings

#: Two counties of Illinois and one of Wisconsin, six tracts each.
COUNTIES = ("17001", "17003", "55001")
DAYS = pd.bdate_range("2020-05-01", "2020-06-12")


def name_tracts(county: str) -> list[str]:
    return [f"{county}{number:04d}00" for number in range(1, 7)]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return settings whose archive holds the invented season; Wisconsin lacks the last day."""
    settings = read_settings(
        home=tmp_path / "home",
        files_url="http://127.0.0.1:9",
        retries=0,
        backoff_seconds=0,
        timeout_seconds=120,
    )
    parts = []
    for step, day in enumerate(DAYS):
        known = [county for county in COUNTIES if county != "55001" or day != DAYS[-1]]
        geoids = [geoid for county in known for geoid in name_tracts(county)]
        rate = np.round(np.resize(np.linspace(0.2, 0.45, 6), len(geoids)) + step / 100, 3)
        parts.append(
            pd.DataFrame(
                {"data_date": day, "cumulative_share": rate, "internet_share": rate / 2},
                index=geoids,
            )
        )
    rates = (
        pd.concat(parts)
        .rename_axis("geoid")
        .assign(daily_share=np.nan, daily_internet_share=np.nan)
    )
    Archive(settings.archive_folder, 2020).append(
        rates, "test", dt.datetime(2020, 6, 13, tzinfo=dt.UTC)
    )
    return settings


def draw(county: str, west: float, count: int) -> dict[str, shapely.Polygon]:
    return {
        f"{county}{number + 1:04d}00": shapely.box(
            west + number / 50, 40, west + (number + 1) / 50, 40.1
        )
        for number in range(count)
    }


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def files_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the county file without 17003, and the tracts of Illinois but not of Wisconsin.

    There is a list of places and none of ZIPs. One tract of 17001 has no rate, and one of 17003 is
    missing.
    """
    root = tmp_path_factory.mktemp("files")
    folder = root / "geo" / "tiger" / "GENZ2020" / "shp"
    folder.mkdir(parents=True)
    shapes = draw("17001", -88, 7) | draw("17003", -87.8, 5)
    tracts = gpd.GeoDataFrame(
        geometry=list(shapes.values()), index=pd.Index(shapes, name="geoid"), crs="EPSG:4326"
    )
    counties = gpd.GeoDataFrame(
        {"NAME": ["Adams", "Adams"], "NAMELSAD": ["Adams <i>County</i>", "Adams County"]},
        geometry=[
            shapely.union_all([*draw("17001", -88, 7).values()]),
            shapely.box(-90, 43, -89, 44),
        ],
        index=["17001", "55001"],
        crs="EPSG:4326",
    )
    for name, table in (
        ("cb_2020_17_tract_500k", format_tracts(tracts)),
        ("cb_2020_us_county_500k", lay_out(counties, "cb_county")),
    ):
        (folder / f"{name}.zip").write_bytes(zip_shapefile(table, name))
    codes = root / "geo" / "docs" / "reference" / "codes2020"
    codes.mkdir(parents=True)
    (codes / "national_place_by_county2020.txt").write_text(
        "STATEFP|COUNTYFP|PLACENAME\n17|001|Quincy city\n55|001|Friendship village\n",
        encoding="utf-8",
    )
    with http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(Quiet, directory=str(root))
    ) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def read(folder: Path, name: str) -> str:
    return (folder / name).read_text(encoding="utf-8")


def hash_folder(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


def test_every_county_has_a_page_and_what_is_missing_is_named(
    settings: Settings, files_url: str, tmp_path: Path
) -> None:
    settings = settings.model_copy(update={"files_url": files_url})
    told: list[tuple[str, int, int]] = []
    made = build_atlas(
        Archive(settings.archive_folder),
        settings,
        tmp_path / "a",
        progress=lambda *step: told.append(step),
    )
    assert (made.counties, made.tracts, made.data_date) == (3, 18, dt.date(2020, 6, 12))
    assert told[-1] == ("Write counties", 3, 3)
    overview = read(made.folder, "index.html")
    assert {f"counties/{code}.html" for code in COUNTIES} == set(
        re.findall(r"href=(counties/\d{5}\.html)", overview)
    )
    assert "Adams &lt;i&gt;County&lt;/i&gt;" in overview
    assert "June 11, 2020" in overview
    unmapped, unfound = made.notes
    assert unmapped.startswith(
        "No tract maps for 1 state (Wisconsin): their boundary files are not available."
    )
    assert unfound.startswith("The atlas cannot be searched for ZIPs. The file server has no file")
    assert "Find a county, state, or place" in overview
    finder = json.loads(re.search(r'id="finder">(.*?)</script>', overview)[1])
    assert finder["names"] == "0Friendship0Quincy"
    adams = read(made.folder, "counties/17001.html")
    assert "No rate is published for 1 tract: 7." in adams
    other = read(made.folder, "counties/17003.html")
    assert "Alexander County" in other
    assert "Not on the map because the boundary is missing: 1 tract (6)." in other
    assert "No map" in read(made.folder, "counties/55001.html")
    # The county that the county file lacks was united from its tracts, so that all three are on the
    # overview's map.
    ground = json.loads(re.search(r'id="ground">(.*?)</script>', overview)[1])
    assert [bool(parts) for parts in ground["shapes"]] == [True, True, True]
    assert json.loads(read(made.folder, "atlas.json"))["states"] == ["17", "55"]


def test_without_a_file_server_the_pages_are_made_and_say_so(
    settings: Settings, tmp_path: Path
) -> None:
    made = build_atlas(Archive(settings.archive_folder), settings, tmp_path / "a")
    assert all("Cannot reach" in note for note in made.notes[-3:])
    assert [note.partition(" Cannot")[0] for note in made.notes[-2:]] == [
        "The atlas cannot be searched for places.",
        "The atlas cannot be searched for ZIPs.",
    ]
    overview = read(made.folder, "index.html")
    assert "No map: the boundary file of the counties is not available" in overview
    assert "No tract maps for 2 states (Illinois, Wisconsin)." in overview
    # What was wrong with which server is told to the maker, not to the public.
    assert "127.0.0.1" not in overview
    adams = read(made.folder, "counties/17001.html")
    assert "<bdi>Adams County</bdi>, <bdi>Illinois</bdi>" in adams


def test_the_same_archive_makes_the_same_bytes_in_place_of_the_old(
    settings: Settings, tmp_path: Path
) -> None:
    archive, folder = Archive(settings.archive_folder), tmp_path / "a"
    build_atlas(archive, settings, folder)
    before = hash_folder(folder)
    (folder / "counties" / "99999.html").write_text("of an older atlas")
    build_atlas(archive, settings, folder)
    assert hash_folder(folder) == before
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_state_and_a_day_can_be_chosen(settings: Settings, tmp_path: Path) -> None:
    made = build_atlas(
        Archive(settings.archive_folder),
        settings,
        tmp_path / "a",
        states=["17"],
        through=dt.date(2020, 5, 17),
    )
    assert (made.counties, made.data_date) == (2, dt.date(2020, 5, 15))


def test_one_date_makes_pages_without_change_and_trend(settings: Settings, tmp_path: Path) -> None:
    made = build_atlas(
        Archive(settings.archive_folder), settings, tmp_path / "a", through=dt.date(2020, 5, 1)
    )
    page = read(made.folder, "counties/17001.html")
    assert "no trend yet" in page
    assert "no figures that long ago" in page
    assert read(made.folder, "index.html").count("<td>\N{EN DASH}") == 6


def test_nothing_is_written_where_other_things_stand_or_nothing_is_held(
    settings: Settings, tmp_path: Path
) -> None:
    archive = Archive(settings.archive_folder)
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(StoreError, match="has other content"):
        build_atlas(archive, settings, tmp_path)
    assert read(tmp_path, "thesis.txt") == "years of work"
    with pytest.raises(NothingThere, match="no rates of state 36"):
        build_atlas(archive, settings, tmp_path / "a", states=["36"])
    with pytest.raises(NothingThere, match="outreach archive import"):
        build_atlas(Archive(tmp_path / "empty"), settings, tmp_path / "a")
    assert not (tmp_path / "a").exists()


def test_the_command_says_what_was_made_and_what_is_missing(
    settings: Settings, files_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUTREACH_HOME", str(settings.home))
    monkeypatch.setenv("OUTREACH_FILES_URL", files_url)
    done = CliRunner().invoke(atlas, ["--date", "2020-06-11"])
    assert done.exit_code == 0, done.output
    assert "3 counties, 18 tracts, data of June 11, 2020" in done.output
    assert str(settings.home / "atlas" / "index.html") in done.output
    assert "Note: No tract maps for 1 state (Wisconsin)" in done.output


class Survey(http.server.BaseHTTPRequestHandler):
    """Answers as the Census Data API does for Illinois: one county with homes, one without."""

    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        """Answer with the requested codes."""
        query = parse_qs(urlsplit(self.path).query)
        codes = query["get"][0].split(",")
        self.asked.append(self.path)
        rows = [
            [
                *(
                    f"1400000US{geoid}" if code == "GEO_ID" else "100" if place else "500"
                    for code in codes
                ),
                "17",
                "001",
                geoid[5:],
            ]
            for place, geoid in enumerate(name_tracts("17001"))
        ]
        content = json.dumps([[*codes, "state", "county", "tract"], *rows]).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_with_a_key_the_survey_gives_the_weights_and_is_asked_once(
    settings: Settings, tmp_path: Path
) -> None:
    Survey.asked.clear()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Survey) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        keyed = settings.model_copy(
            update={
                "census_api_key": SecretStr("k" * 40),
                "api_url": f"http://127.0.0.1:{server.server_address[1]}",
            }
        )
        for name in ("a", "b"):
            build_atlas(Archive(settings.archive_folder), keyed, tmp_path / name, states=["17"])
        server.shutdown()
    assert len(Survey.asked) == 1
    assert "/data/2020/acs/acs5" in Survey.asked[0]

    # Six tracts, the first with 500 households and the others with 100, on the last day.
    rate = np.round(np.linspace(0.2, 0.45, 6) + (len(DAYS) - 1) / 100, 3)
    weighted = np.average(rate, weights=[500, 100, 100, 100, 100, 100])
    page = read(tmp_path / "b", "counties/17001.html")
    assert f"<b>{weighted:.1%}</b>" in page
    assert "weighted by households" in page
    assert "plain mean of its tracts" in read(tmp_path / "b", "counties/17003.html")
    overview = read(tmp_path / "b", "index.html")
    assert "1 county is weighted by households." in overview
    assert "each tract counts alike" in overview


def test_a_survey_that_does_not_answer_leaves_rates_unweighted_and_says_so(
    settings: Settings, tmp_path: Path
) -> None:
    keyed = settings.model_copy(
        update={"census_api_key": SecretStr("k" * 40), "api_url": "http://127.0.0.1:9"}
    )
    made = build_atlas(Archive(settings.archive_folder), keyed, tmp_path / "a", states=["17"])
    assert any("homes of state 17 could not be requested" in note for note in made.notes)
    assert "plain mean of its tracts" in read(made.folder, "counties/17001.html")
