"""Places of help are read as their file has them, and a wrong place is named with its row."""

from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest

from outreach.errors import InputError
from outreach.user_files import sites as module
from outreach.user_files.sites import SiteColumns, read_sites

HEAD = "name,lat,lon,kind,hours,link\n"
LIBRARY = "Old Town Library,41.88,-87.63,Library,Mon-Fri 9-5,https://example.org/a\n"


def read(folder: Path, text: str, **columns: Any) -> Any:
    path = folder / "places.csv"
    path.write_text(text, encoding="utf-8")
    details = {name: name for name in ("kind", "hours", "link") if name in text.splitlines()[0]}
    return read_sites(path, "the places 'Test'", SiteColumns(**{"details": details, **columns}))


def test_only_declared_columns_are_read_and_hours_stand_as_written(tmp_path: Path) -> None:
    text = "Site,Latitude,Longitude,Manager,When\nHall,41.9,-87.6,Jane Doe,by the full moon ☾\n"
    table, notes = read(tmp_path, text, details={"hours": "when"})
    assert table.iloc[0].to_dict() == {
        "name": "Hall",
        "kind": "",
        "hours": "by the full moon ☾",
        "address": "",
        "phone": "",
        "languages": "",
        "link": "",
        "latitude": 41.9,
        "longitude": -87.6,
    }
    assert notes == ()


def test_a_map_gives_the_same_places_as_a_table(tmp_path: Path) -> None:
    path = tmp_path / "places.geojson"
    points = gpd.points_from_xy([-87.63], [41.88])
    gpd.GeoDataFrame({"site": ["Hall"], "open": [9.5]}, geometry=points, crs=4326).to_file(path)
    table, _ = read_sites(path, "places", SiteColumns(details={"hours": "open"}))
    found = table.loc[0, ["name", "hours", "latitude", "longitude"]].tolist()
    assert found == ["Hall", "9.5", 41.88, -87.63]


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ("Hall,141.88,-87.63,,,\n", "the latitude of data row 2 is 141.88, which is not between"),
        ("Hall,41.88,-187.6,,,\n", "the longitude of data row 2 is -187.6, which is not between"),
        ("Hall,-122.4,37.8,,,\n", "stand in each other's column"),
        (
            "Hall,-87.63,41.88,,,\n",
            r"of data row 2 \('Hall'\) stand in each other's column: -87.63",
        ),
        ("Hall,1176000,1900000,,,\n", "data row 2 first, are no degrees"),
        (",41.9,-87.6,,,\n", "data row 2 has no name"),
        ("OLD TOWN LIBRARY,41.880001,-87.63,,Sat,\n", "data rows 1 and 2 are the same place"),
        ("A,,,,,\nB,,,,,\n", r"2 rows of 3 \(67%\) have no coordinates"),
        ("Hall,north,-87.6,,,\n", "lat is 'north'"),
    ],
)
def test_a_wrong_place_is_refused_with_its_row(tmp_path: Path, rows: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence) as caught:
        read(tmp_path, HEAD + LIBRARY + rows)
    assert caught.value.todo


@pytest.mark.parametrize(
    ("text", "columns", "sentence"),
    [
        (HEAD, {}, "has no row"),
        ("", {"details": {}}, "is empty"),
        (HEAD + LIBRARY, {"details": {"hours": "open"}}, "has no column open. Its columns are"),
        (HEAD + LIBRARY, {"latitude": "north", "longitude": "lon"}, "has no column north"),
        ("id,lat,lon\n1,41.9,-87.6\n", {}, "has no column of names. Its columns are id, lat, lon"),
        ("name,street\nHall,1 Main St\n", {}, "Name them with longitude_column and latitude_col"),
    ],
)
def test_a_file_without_what_is_needed_is_refused(
    tmp_path: Path, text: str, columns: dict[str, Any], sentence: str
) -> None:
    path = tmp_path / "places.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_sites(path, "the places 'Test'", SiteColumns(**columns))
    assert sentence in str(caught.value)


def test_a_list_of_addresses_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_SITES", 1)
    with pytest.raises(InputError, match="has 2 places; a map takes at most 1"):
        read(tmp_path, HEAD + LIBRARY + "Hall,41.9,-87.6,,,\n")


def test_what_is_left_out_or_cut_is_said_by_name(tmp_path: Path) -> None:
    rows = "".join(f"Hall {number},41.9,-87.{number},,,\n" for number in range(1, 8))
    odd = "Gone,,,,,\n" + "Long,41.9,-87.9,," + "x" * 300 + ",javascript:alert(1)\n"
    table, notes = read(tmp_path, HEAD + rows + odd)
    assert len(table) == 8
    assert table["hours"].str.len().max() == 200
    assert table["link"].tolist() == [""] * 8
    text = " ".join(notes)
    assert "1 cell of more than 200 characters, cut short." in text
    assert "1 place without coordinates, left out: 'Gone'." in text
    assert "1 link that no browser opens, left out, of 'Long'." in text


def test_hostile_names_come_in_as_harmless_text(tmp_path: Path) -> None:
    rows = '"\u202eevil\u202c <b>x</b>\nline",41.9,-87.6,,,www.example.org\n'
    table, _ = read(tmp_path, HEAD + rows)
    assert table["name"].tolist() == ["evil <b>x</b> line"]
    assert table["link"].tolist() == ["https://www.example.org"]
