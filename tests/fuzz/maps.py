"""Make map files of districts, good and damaged, and hold the districts against them."""

import contextlib
import io
import json
import random
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import geopandas as gpd
import shapely

from geo.districts import read_districts
from tests.fuzz.cases import Case, ChangedValueError, compare_values
from tests.fuzz.mutations import damage_file

_NAMES = ("Near North", "Señor, Plaza", "Ärger & Söhne", "O'Hare", "A|B", "12")
_FORMS = (".geojson", ".geojson", ".csv", ".gpkg", ".zip", ".parquet")
#: Degrees by which a corner may move when a map is written in another form.
_TOLERANCE = 1e-6


@contextlib.contextmanager
def open_round(folder: Path) -> Iterator[Callable[[random.Random], Case]]:
    """Make cases of maps with a few square districts side by side."""

    def make_case(rng: random.Random) -> Case:
        districts = _make_districts(rng)
        form, is_good = rng.choice(_FORMS), rng.random() < 0.3
        data = _write(districts, form, folder)
        if not is_good:
            data = damage_file(data, rng)

        def read() -> None:
            for old in folder.glob("map*"):
                old.unlink()
            path = folder / f"map{form}"
            path.write_bytes(data)
            found, _ = read_districts("Ward", str(path), "ward", "name")
            if is_good:
                _compare(districts, found)
            elif form in {".geojson", ".csv"}:
                _compare_text(data, found)

        return Case(read, is_good)

    yield make_case


def _make_districts(rng: random.Random) -> gpd.GeoDataFrame:
    """Make one to six squares with ids and names."""
    count = rng.randint(1, 6)
    ids = [str(number) for number in sorted(rng.sample(range(1, 60), count))]
    boxes = [shapely.box(-88 + x / 10, 41, -87.9 + x / 10, 41.1) for x in range(count)]
    names = [f"{rng.choice(_NAMES)} {number}" for number in ids]
    return gpd.GeoDataFrame({"ward": ids, "name": names}, geometry=boxes, crs=4326)


def _write(districts: gpd.GeoDataFrame, form: str, folder: Path) -> bytes:
    """Write a map as portals and GIS programs do."""
    if form == ".geojson":
        return json.dumps(json.loads(districts.to_json()), ensure_ascii=False).encode()
    if form == ".csv":
        shapes = districts.geometry.to_wkt()
        table = districts.drop(columns="geometry").assign(the_geom=shapes)
        return table.to_csv(index=False).encode()
    if form == ".parquet":
        file = io.BytesIO()
        districts.to_parquet(file)
        return file.getvalue()
    if form == ".gpkg":
        path = folder / "whole.gpkg"
        path.unlink(missing_ok=True)
        districts.to_file(path, layer="wards")
        return path.read_bytes()

    # A shapefile in a folder of an archive.
    stem = folder / "whole"
    districts.to_file(stem.with_suffix(".shp"), encoding="utf-8")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for suffix in (".shp", ".shx", ".dbf", ".prj", ".cpg"):
            archive.write(stem.with_suffix(suffix), f"wards/wards{suffix}")
    return packed.getvalue()


def _compare(districts: gpd.GeoDataFrame, found: gpd.GeoDataFrame) -> None:
    """Every district of a whole file must come in with its name and its ground."""
    written = dict(zip(districts["ward"], districts["name"], strict=True))
    compare_values(written, {str(key): str(name) for key, name in found["name"].items()})
    shapes = dict(zip(districts["ward"], districts.geometry, strict=True))
    for key, shape in found.geometry.items():
        if shape.symmetric_difference(shapes[str(key)]).area > _TOLERANCE:
            raise ChangedValueError(f"district {key} has other ground than in the file")


def _compare_text(data: bytes, found: gpd.GeoDataFrame) -> None:
    """Every id of a damaged text file must stand in the file."""
    texts = [data.replace(b"\0", b"").decode(name, "replace") for name in ("utf-8", "cp1252")]
    texts += [data.decode(name, "replace") for name in ("utf-16", "utf-32", "cp037")]
    for key in found.index:
        plain = str(key).removesuffix(".0")
        if not any(plain in text or json.dumps(plain)[1:-1] in text for text in texts):
            raise ChangedValueError(f"the district {key!r} is not in the file")
