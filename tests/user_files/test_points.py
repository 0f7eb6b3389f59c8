"""Homes are read as points from tables and maps, and what has no place is refused."""

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from outreach.errors import InputError
from outreach.user_files.points import read_points

X, Y = [-87.63, -87.64, -87.65], [41.88, 41.89, 41.9]


def save(folder: Path, kind: str) -> Path:
    """Save three homes as a file of a kind; the second place has four of them."""
    path = folder / f"mine.{kind}"
    table = pd.DataFrame({"Address": ["1 Main St", "2 Main St", "3 Main St"], "units": [1, 4, 1]})
    places = gpd.GeoSeries.from_xy(X, Y, crs=4326)
    match kind:
        case "csv":
            table.assign(Lon=X, Lat=Y).to_csv(path, index=False)
        case "parquet":
            table.assign(longitude=X, latitude=Y).to_parquet(path)
        case "geoparquet":
            gpd.GeoDataFrame(table, geometry=places).to_parquet(path)
        case "geojson":
            gpd.GeoDataFrame(table, geometry=places).to_file(path)
        case "gpkg":  # parcels in feet
            parcels = places.to_crs(3435).buffer(40, cap_style="square")
            gpd.GeoDataFrame(table, geometry=parcels).to_file(path)
    return path


@pytest.mark.parametrize("kind", ["csv", "parquet", "geoparquet", "geojson", "gpkg"])
def test_every_kind_of_file_gives_the_same_places(tmp_path: Path, kind: str) -> None:
    points = read_points(save(tmp_path, kind), homes="units")
    assert points.longitude == pytest.approx(np.array(X), abs=1e-5)
    assert points.latitude == pytest.approx(np.array(Y), abs=1e-5)
    assert points.homes.tolist() == [1, 4, 1]
    assert points.built is None
    assert points.blank_count == 0


def test_a_year_of_building_is_read_and_zero_is_unknown(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("x,y,year\n-87.6,41.9,1925\n-87.6,41.9,0\n-87.6,41.9,\n-87.6,41.9,2023\n")
    built = read_points(path, built="year").built
    assert built is not None
    assert np.nan_to_num(built).tolist() == [1925, 0, 0, 2023]


def test_rows_without_a_place_are_counted_and_many_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("id,lon,lat\n" + "1,-87.6,41.9\n" * 9 + "2,,\n")
    points = read_points(path)
    assert (len(points.homes), points.blank_count) == (9, 1)
    path.write_text("lon,lat\n" + "-87.6,41.9\n" * 3 + ",41.9\n")
    with pytest.raises(InputError, match=r"1 row of 4 \(25%\) have no coordinates"):
        read_points(path)


@pytest.mark.parametrize(
    ("text", "options", "sentence"),
    [
        ("address\n1 Main St\n", {}, "has no columns of coordinates. Its columns are address."),
        ("lon,lat\n", {}, "has no row"),
        ("lon,lat\n41.9,-170.6\n", {}, "stand in each other's column (data row 1)"),
        ("lon,lat\n1176000,1900000\n", {}, "look like meters or feet of another coordinate system"),
        ("lon,lat\nwest,41.9\n", {}, "lon is 'west' in data row 1, not a number"),
        ("lon,lat\n-87.6,41.9\n", {"homes": "units"}, "has no column units"),
        ("lon,lat\n-87.6,41.9\n", {"longitude": "lon"}, "named without the other"),
    ],
)
def test_a_bad_file_is_refused_in_one_sentence(
    tmp_path: Path, text: str, options: dict[str, Any], sentence: str
) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_points(path, **options)
    assert sentence in caught.value.what


def test_a_map_without_a_coordinate_system_or_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such file"):
        read_points(tmp_path / "gone.csv")
    path = tmp_path / "mine.shp"
    gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.Point(1, 2)], crs=4326).to_file(path)
    path.with_suffix(".prj").unlink()
    with pytest.raises(InputError, match="does not say its coordinate system"):
        read_points(path)
