"""A user's map reads the same whatever program saved it, and what is no map says what to do."""

import io
import json
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely

from outreach.errors import InputError
from outreach.user_files.map import is_map, read_map

NAMES = ["Doña", "Nord", "Süd"]


@pytest.fixture
def wards() -> gpd.GeoDataFrame:
    """Three squares side by side, with names that are not ASCII."""
    shapes = [shapely.box(-88 + 0.1 * place, 41, -87.9 + 0.1 * place, 41.1) for place in range(3)]
    return gpd.GeoDataFrame(
        {"ward": ["1", "2", "3"], "name": NAMES}, geometry=shapes, crs="EPSG:4326"
    )


def write(table: gpd.GeoDataFrame, path: Path, encoding: str = "utf-8", **options: str) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pyogrio.write_dataframe(table, path, encoding=encoding, **options)
    return path


def zip_folder(folder: Path, into: Path, below: str) -> Path:
    with zipfile.ZipFile(into, "w") as archive:
        archive.writestr(f"{below}/", b"")
        archive.writestr("__MACOSX/._w.shp", b"junk")
        for file in folder.iterdir():
            archive.write(file, f"{below}/{file.name}")
    return into


def save_shapefile(table: gpd.GeoDataFrame, folder: Path) -> Path:
    (folder / "s").mkdir()
    return write(table, folder / "s" / "w.shp")


def save_zip(table: gpd.GeoDataFrame, folder: Path) -> Path:
    return zip_folder(save_shapefile(table, folder).parent, folder / "w.zip", "wards 2020")


def save_wrong_cpg(table: gpd.GeoDataFrame, folder: Path) -> Path:
    path = write(table, folder / "w.shp", encoding="ISO-8859-1")
    path.with_suffix(".cpg").write_text("UTF-8")
    return path


def save_no_cpg(table: gpd.GeoDataFrame, folder: Path) -> Path:
    path = write(table, folder / "w.shp")
    path.with_suffix(".cpg").unlink()
    return path


def save_wkt(table: gpd.GeoDataFrame, folder: Path) -> Path:
    flat = table.assign(the_geom=table.geometry.to_wkt()).drop(columns="geometry")
    flat.to_csv(folder / "w.csv", index=False)
    return folder / "w.csv"


def save_ewkt(table: gpd.GeoDataFrame, folder: Path) -> Path:
    flat = table.assign(GEOM="SRID=4326;" + table.geometry.to_wkt()).drop(columns="geometry")
    flat.to_csv(folder / "w.csv", index=False, sep=";", encoding="cp1252")
    return folder / "w.csv"


def save_parquet(table: gpd.GeoDataFrame, folder: Path) -> Path:
    table.to_parquet(folder / "w.geoparquet")
    return folder / "w.geoparquet"


def save_zipped_parquet(table: gpd.GeoDataFrame, folder: Path) -> Path:
    (folder / "p").mkdir()
    save_parquet(table, folder / "p")
    return zip_folder(folder / "p", folder / "w.zip", "p")


def save_collections(table: gpd.GeoDataFrame, folder: Path) -> Path:
    line = shapely.LineString([(-88, 41), (-87, 42)])
    mixed = [
        shapely.GeometryCollection([shapely.GeometryCollection([shape]), line])
        for shape in table.geometry
    ]
    path = folder / "w.geojson"
    path.write_text(table.set_geometry(gpd.GeoSeries(mixed, crs=4326)).to_json(), "utf-8")
    return path


def save_projected(table: gpd.GeoDataFrame, folder: Path) -> Path:
    return write(table.to_crs("EPSG:3435"), folder / "w.gpkg")


SAVED: dict[str, Callable[[gpd.GeoDataFrame, Path], Path]] = {
    "GeoJSON": lambda table, folder: write(table, folder / "w.geojson"),
    "GeoPackage in feet": save_projected,
    "shapefile": save_shapefile,
    "shapefile with a wrong .cpg": save_wrong_cpg,
    "shapefile without a .cpg": save_no_cpg,
    "zip with a folder": save_zip,
    "WKT of a portal": save_wkt,
    "WKT of a database": save_ewkt,
    "GeoParquet": save_parquet,
    "GeoParquet in a zip": save_zipped_parquet,
    "collections": save_collections,
}


@pytest.mark.parametrize("kind", SAVED)
def test_every_way_to_save_a_map_reads_the_same(
    wards: gpd.GeoDataFrame, tmp_path: Path, kind: str
) -> None:
    table = read_map(SAVED[kind](wards, tmp_path), "the districts")
    assert table["name"].tolist() == NAMES
    assert table["ward"].astype(str).tolist() == ["1", "2", "3"]
    assert table.crs.to_epsg() == 4326
    assert shapely.equals_exact(
        shapely.normalize(table.geometry.to_numpy()),
        shapely.normalize(wards.geometry.to_numpy()),
        tolerance=1e-6,
    ).all()


@pytest.mark.parametrize("packed", [False, True])
def test_kml_and_kmz_are_read_by_their_name(
    wards: gpd.GeoDataFrame, tmp_path: Path, *, packed: bool
) -> None:
    path = write(
        wards.rename(columns={"name": "Name"})[["Name", "geometry"]],
        tmp_path / "doc.kml",
        driver="LIBKML",
    )
    if packed:
        with zipfile.ZipFile(tmp_path / "w.kmz", "w") as archive:
            archive.write(path, "doc.kml")
        path = tmp_path / "w.kmz"
    assert read_map(path, "the districts")["Name"].tolist() == NAMES


def test_layers_are_named_and_one_is_asked_for(wards: gpd.GeoDataFrame, tmp_path: Path) -> None:
    path = write(wards, tmp_path / "w.gpkg", layer="wards")
    write(wards.iloc[:1], path, layer="precincts")
    with pytest.raises(InputError, match=r"has 2 layers: wards, precincts\. Name one with the key"):
        read_map(path, "the districts")
    with pytest.raises(InputError, match="has no layer 'ward'; it has wards, precincts"):
        read_map(path, "the districts", layer="ward")
    assert len(read_map(path, "the districts", layer="wards")) == 3


def test_a_shape_without_ground_is_missing_and_its_row_stays(
    wards: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    shapes = [wards.geometry[0], shapely.Point(-88, 41), None]
    path = tmp_path / "w.geojson"
    path.write_text(wards.set_geometry(gpd.GeoSeries(shapes, crs=4326)).to_json())
    assert read_map(path, "the districts").geometry.isna().tolist() == [False, True, True]


def test_what_is_no_map_says_what_to_do(wards: gpd.GeoDataFrame, tmp_path: Path) -> None:
    page, text = tmp_path / "page.geojson", tmp_path / "w.json"
    page.write_text("<html><body>Sign in</body></html>")
    text.write_text('{"error": {"code": 400}}')
    table, lone = tmp_path / "t.csv", write(wards, tmp_path / "lone.shp")
    table.write_text("ward,name\n1,a\n")
    lone.with_suffix(".shx").unlink()
    lone.with_suffix(".dbf").unlink()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.geojson", "{}")
        archive.writestr("b.geojson", "{}")
    (tmp_path / "two.zip").write_bytes(buffer.getvalue())
    (tmp_path / "empty.zip").write_bytes(b"PK\x05\x06" + bytes(18))
    expected = {
        page: "is a web page, not the districts",
        text: "cannot be read as a map of polygons. Name a shapefile",
        table: "is a table without a column of shapes",
        tmp_path / "two.zip": "holds several maps: a.geojson, b.geojson. Unpack it",
        tmp_path / "empty.zip": "holds no map",
        tmp_path / "none.shp": "there is no such file",
    }
    for path, message in expected.items():
        with pytest.raises(InputError, match=message) as caught:
            read_map(path, "the districts")
        assert "driver" not in str(caught.value).lower()


def test_points_are_no_districts(wards: gpd.GeoDataFrame, tmp_path: Path) -> None:
    points = wards.set_geometry(wards.to_crs(3435).centroid.to_crs(4326))
    with pytest.raises(InputError, match="holds no polygons but Point"):
        read_map(write(points, tmp_path / "w.geojson"), "the districts")


def test_coordinates_must_be_what_they_say(wards: gpd.GeoDataFrame, tmp_path: Path) -> None:
    feet = wards.to_crs("EPSG:3435")
    path = tmp_path / "feet.geojson"
    path.write_text(feet.set_crs(4326, allow_override=True).to_json())
    with pytest.raises(InputError, match="says that its coordinates are degrees, but they reach"):
        read_map(path, "the districts")
    bare = write(wards, tmp_path / "w.shp")
    bare.with_suffix(".prj").unlink()
    with pytest.raises(InputError, match="does not say its coordinate system"):
        read_map(bare, "the districts")


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("z.csv", "TRACT,ZIP,RES_RATIO\n1,2,1\n", False),
        ("z.csv", 'zip,the_geom\n60601,"POINT (0 0)"\n', True),
        ("z.txt", "TRACT\tZIP\tRES_RATIO\n1\t2\t1\n", False),
        ("z.geojson", "{}", True),
        ("gone.gpkg", "", True),
    ],
)
def test_a_map_is_told_from_a_table_by_what_is_in_it(
    tmp_path: Path, name: str, text: str, *, expected: bool
) -> None:
    path = tmp_path / name
    if text:
        path.write_text(text)
    assert is_map(path) is expected


@pytest.mark.parametrize(
    ("members", "expected"),
    [(["a/hud.csv"], False), (["w/w.shp", "w/readme.csv"], True), (["a.md"], True)],
)
def test_a_zip_is_a_map_where_a_map_lies_in_it(
    tmp_path: Path, members: list[str], *, expected: bool
) -> None:
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
        for name in members:
            archive.writestr(name, b"x")
    assert is_map(tmp_path / "z.zip") is expected


def test_a_workbook_is_a_table(tmp_path: Path) -> None:
    pd.DataFrame({"TRACT": ["1"]}).to_excel(tmp_path / "z.xlsx", index=False)
    assert not is_map(tmp_path / "z.xlsx")


def test_a_ring_that_does_not_close_is_one_sentence(tmp_path: Path) -> None:
    ring = [[-88, 41], [-87, 41], [-87, 42], [-88, 42.5]]
    path = tmp_path / "w.geojson"
    feature = {
        "type": "Feature",
        "properties": {"ward": "1"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    with pytest.raises(InputError, match="cannot be read as a map of polygons"):
        read_map(path, "the districts")


@pytest.mark.parametrize("cell", ["", " "])
def test_a_table_whose_column_of_shapes_is_blank_holds_no_polygons(
    tmp_path: Path, cell: str
) -> None:
    path = tmp_path / "w.csv"
    path.write_text(f"ward,the_geom\n1,{cell}\n2,{cell}\n")
    with pytest.raises(InputError, match="holds no polygons"):
        read_map(path, "the districts")
