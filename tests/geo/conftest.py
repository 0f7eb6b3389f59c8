"""Give a loopback file server, zipped shapefiles, and real Cook County tables."""

import datetime as dt
import hashlib
import io
import threading
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import pandas as pd
import pytest

from geo.cover.covering import Households, count_households
from geo.crosswalk.carry import carry_counts
from geo.crosswalk.overlay import overlay_areas
from geo.crosswalk.relationship import relate_tracts
from geo.districts import read_districts
from geo.profiles import ProfileSource
from outreach.settings import read_settings
from outreach.transport import Transport


class FileServer:
    """Serves bytes by path with ETags, as the Bureau's does, or fails on request."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.status = 0
        self.asked: list[tuple[str, int]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                content = outer.files.get(self.path)
                tag = f'"{hashlib.sha256(content or b"").hexdigest()[:12]}"'
                status = outer.status or (404 if content is None else 200)
                if status == 200 and self.headers.get("If-None-Match") == tag:
                    status = 304
                outer.asked.append((self.path, status))
                body = (content or b"") if status == 200 else b""
                self.send_response(status)
                self.send_header("ETag", tag)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}
        )
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def stop(self) -> None:
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()


@pytest.fixture
def file_server() -> Iterator[FileServer]:
    server = FileServer()
    yield server
    server.stop()


@pytest.fixture
def transport(file_server: FileServer) -> Iterator[Transport]:
    settings = read_settings(
        files_url=file_server.url, retries=0, backoff_seconds=0, timeout_seconds=120
    )
    with Transport(settings) as session:
        yield session


@pytest.fixture
def zip_shapes(tmp_path: Path) -> Callable[[gpd.GeoDataFrame, str], bytes]:
    """Return a function that packs a layer into a zipped shapefile."""

    def pack(layer: gpd.GeoDataFrame, name: str) -> bytes:
        folder = tmp_path / f"shapes_{name}"
        folder.mkdir(exist_ok=True)
        layer.to_file(folder / f"{name}.shp")
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
            for part in folder.iterdir():
                archive.write(part, part.name)
        return content.getvalue()

    return pack


class RealCook(NamedTuple):
    boundaries: gpd.GeoDataFrame
    rates: pd.DataFrame
    profile: ProfileSource
    forward: pd.DataFrame
    backward: pd.DataFrame
    records: pd.DataFrame


@pytest.fixture(scope="session")
def real_cook(real_data: Path) -> RealCook:
    """Read Cook County on October 16, 2020; land areas come from the relationship file."""
    records = pd.read_parquet(real_data / "relationship" / "rr_tract_rel.parquet")
    forward, backward = relate_tracts(records)
    raw = gpd.read_parquet(real_data / "tracts" / "cook_2020.parquet")
    geoid = pd.Index(raw["GEO_ID"].str[-11:], name="geoid")
    areas = (
        records.drop_duplicates("GEOID20")
        .set_index("GEOID20")[["AREA20", "AREALAND20"]]
        .reindex(geoid)
    )
    boundaries = gpd.GeoDataFrame(
        {
            "name": raw["NAME"].to_numpy(),
            "land_km2": areas["AREALAND20"].to_numpy() / 1e6,
            "water_km2": (areas["AREA20"] - areas["AREALAND20"]).to_numpy() / 1e6,
            **{name: raw[name].to_numpy() for name in ("community", "ward", "zip")},
        },
        index=geoid,
        geometry=raw.geometry.to_numpy(),
        crs=raw.crs,
    )
    rows = pd.read_parquet(
        real_data / "responserate" / "state_17.parquet", filters=[("county", "=", "031")]
    )
    rows = rows[rows["RESP_DATE"] == dt.date(2020, 10, 16)]
    shares = {"cumulative_share": "CRRALL", "internet_share": "CRRINT", "daily_share": "DRRALL"}
    rates = pd.DataFrame(
        {
            "data_date": pd.to_datetime(rows["RESP_DATE"]).to_numpy(),
            **{
                ours: rows[theirs].astype(float).round(1).to_numpy() / 100
                for ours, theirs in shares.items()
            },
        },
        index=pd.Index(rows["GEO_ID"].str[-11:], name="geoid"),
    )
    predictors = pd.read_parquet(real_data / "predictors" / "cook_planning_database.parquet")
    score = predictors["LowResponseScore"]
    profile = pd.DataFrame(
        {
            "households_count": predictors["TotHH"].to_numpy(dtype=float),
            "housing_units_count": predictors["HousingUnits_TOTAL"].to_numpy(dtype=float),
            "low_response_score": score.where(score != 99999).to_numpy(dtype=float),
        },
        index=pd.Index(predictors["GEOIDtxt"], name="geoid"),
    )
    return RealCook(
        boundaries,
        rates,
        ProfileSource("planning_database", profile, 2010),
        forward,
        backward,
        records,
    )


class WorstFifth(NamedTuple):
    tracts: gpd.GeoDataFrame
    households: Households
    order: list[str]
    zips: gpd.GeoDataFrame
    crosswalk: pd.DataFrame


@pytest.fixture(scope="session")
def worst_fifth(real_cook: RealCook, real_data: Path) -> WorstFifth:
    """Target the fifth of Chicago's tracts with the lowest rates on May 28, 2020, worst first."""
    rows = pd.read_parquet(
        real_data / "responserate" / "state_17.parquet", filters=[("county", "=", "031")]
    )
    rows = rows[rows["RESP_DATE"] == dt.date(2020, 5, 28)]
    rate = pd.Series(
        rows["CRRALL"].astype(float).round(1).to_numpy() / 100, index=rows["GEO_ID"].str[-11:]
    )
    tracts = real_cook.boundaries.copy()
    carried = carry_counts(real_cook.profile.table[["households_count"]], real_cook.forward).table
    tracts["households_count"] = carried["households_count"].reindex(tracts.index)
    rate = rate.reindex(tracts.index)
    city = rate[tracts["community"].notna()].dropna().sort_values(kind="stable")
    order = list(city.index[: round(len(city) / 5)])
    scores = pd.DataFrame({"missing_households_count": tracts["households_count"] * (1 - rate)})
    file = str(real_data / "boundaries" / "chicago_zips.parquet")
    zips, _ = read_districts("ZIPs", file, "zip")
    households = count_households(tracts, pd.Series(data=True, index=order), scores)
    return WorstFifth(
        tracts, households, order, zips, overlay_areas(tracts, zips, ("tract2020", "zip"))
    )
