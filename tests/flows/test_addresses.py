"""An address check finds planted gaps, writes areas only, and its guide's commands run."""

import datetime as dt
import json
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from flows.addresses import check_addresses, read_county
from outreach.census.blocks import fetch_block_homes
from outreach.cli import cli
from outreach.errors import CampaignError, InputError, NothingThere
from outreach.sandbox.county.world import InventedCounty
from outreach.sandbox.server import Sandbox
from outreach.settings import Settings, read_settings
from outreach.transport import Transport
from outreach.user_files.points import read_points
from tests.test_docs import list_commands

#: Blocks of at least so many homes get more than were counted, every so many-th of them.
LEAST, EVERY = 150, 40


@dataclass
class Check:
    """The files of two checks, and what was planted."""

    folder: Path
    second: Path
    settings: Settings
    county: InventedCounty
    planted: pd.Index
    outputs: list[str]


@pytest.fixture(scope="module")
def county() -> InventedCounty:
    return InventedCounty(today=dt.date(2026, 12, 1))


@pytest.fixture(scope="module")
def checked(county: InventedCounty, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Check]:
    """Run the commands of the guide on one parcel a block, of which some have too many homes."""
    folder = tmp_path_factory.mktemp("addresses")
    blocks = county.ground.polygons
    blocks = blocks[blocks["housing"] > 0]
    inside = blocks.geometry.representative_point().to_crs(4326)
    planted = blocks.index[blocks["housing"] >= LEAST][::EVERY]
    homes = blocks["housing"].where(~blocks.index.isin(planted), blocks["housing"] * 3 // 2)
    parcels = pd.DataFrame(
        {
            "address": [f"{number} Larkmere Secret Way" for number in range(len(blocks))],
            "longitude": inside.x.round(6),
            "latitude": inside.y.round(6),
            "units": homes,
            "year": 1950,
        }
    )
    new = parcels.assign(units=20, year=2024)  # each block grew since
    pd.concat([parcels, new]).to_csv(folder / "parcels.csv", index=False)
    once = parcels.loc[parcels.index.repeat((parcels["units"] / 40).round().astype(int))]
    once[["address", "longitude", "latitude"]].to_csv(folder / "addresses.csv", index=False)

    with Sandbox(county) as sandbox, pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("OUTREACH_HOME", str(folder / "home"))
        patch.setenv("OUTREACH_API_URL", sandbox.url)
        patch.setenv("OUTREACH_FILES_URL", sandbox.url)
        patch.setenv("OUTREACH_CENSUS_API_KEY", sandbox.key)
        outputs = []
        for line in list_commands("docs/addresses.md"):
            result = CliRunner().invoke(cli, shlex.split(line.replace("17031", "99001"))[1:])
            assert result.exit_code == 0, result.output + repr(result.exception)
            outputs.append(result.output)
        first = folder / "home" / "addresses" / "addresses-99001"
        yield Check(first, folder / "check", read_settings(), county, planted, outputs)


def test_planted_blocks_are_found_and_no_others(checked: Check) -> None:
    blocks = pd.read_csv(checked.second / "blocks.csv", dtype={"geoid": str}).set_index("geoid")
    flagged = blocks.index[blocks["verdict"] == "looks undercounted"]
    assert len(checked.planted) > 20
    assert set(flagged) == set(checked.planted)
    assert (blocks["rank"].iloc[: len(flagged)] <= len(flagged)).all()

    # The range holds the truth: half as many again as were counted.
    rows = blocks.loc[checked.planted]
    truth = checked.county.ground.blocks.loc[checked.planted, "housing"] // 2
    assert (rows["surplus_low80_count"] <= truth).all()
    assert (rows["surplus_high80_count"] >= truth).all()
    others = blocks.drop(index=checked.planted)
    assert ((others["surplus_low80_count"] <= 0) & (others["surplus_high80_count"] >= 0)).all()


def test_homes_built_since_are_left_out_and_said(checked: Check) -> None:
    summary = json.loads((checked.second / "summary.json").read_text())
    count = int((checked.county.ground.blocks["housing"] > 0).sum())
    assert summary["homes_built_since_count"] == pytest.approx(20 * count)
    assert f"{20 * count:,} homes built after 2020 are not compared." in checked.outputs[1]
    assert summary["bureau_count"] == checked.county.ground.blocks["housing"].sum()
    assert summary["growth_share"] == 0
    assert summary["assumptions"]["location_error_m"]["status"] == "ASSUMED"
    tracts = pd.read_csv(checked.second / "tracts.csv")
    assert tracts["undercounted_count"].sum() == len(checked.planted)
    assert tracts["bureau_count"].sum() == summary["bureau_count"]


def test_a_list_with_few_of_the_homes_flags_nothing(checked: Check) -> None:
    assert "0 blocks look undercounted" in checked.outputs[0]
    assert "no growth is taken off" in checked.outputs[0]


def test_no_address_and_no_point_of_the_list_is_written(checked: Check) -> None:
    files = [path for folder in (checked.folder, checked.second) for path in folder.iterdir()]
    assert len(files) == 10
    points = read_points(Path("parcels.csv"), homes="units")
    place = f"{points.latitude[0]:.5f}"
    for path in files:
        text = path.read_text(encoding="utf-8")
        assert "Secret Way" not in text, path
        assert place not in text, path


def test_the_map_opens_without_a_network_in_both_languages(checked: Check) -> None:
    page = (checked.second / "map.html").read_text(encoding="utf-8")
    assert f"{len(checked.planted)} blocks look undercounted" in page
    assert "Revisión de direcciones" in (checked.second / "map.es.html").read_text("utf-8")
    assert "Content-Security-Policy" in page
    assert "<script src" not in page
    assert "<link" not in page
    first = checked.planted[0]
    assert f"Block {first} (rank" in page


def test_the_map_says_in_both_languages_what_is_not_compared(checked: Check) -> None:
    for folder, english, spanish in (
        (checked.second, "homes built after 2020 are not compared.", "No se comparan"),
        (checked.folder, "so no growth is taken off.", "no se descuenta ningún crecimiento."),
    ):
        pages = [(folder / name).read_text("utf-8") for name in ("map.html", "map.es.html")]
        assert english in pages[0]
        assert spanish in pages[1]
        assert english not in pages[1]


def test_the_same_list_makes_the_same_files(checked: Check, tmp_path: Path) -> None:
    points = read_points(Path("parcels.csv"), homes="units", built="year")
    again = check_addresses(points, "99001", checked.settings, into=tmp_path)
    for path in checked.second.iterdir():
        assert (again.folder / path.name).read_bytes() == path.read_bytes(), path.name


def test_the_counts_are_those_of_the_ground(checked: Check) -> None:
    with Transport(checked.settings, checked.settings.find_key()) as transport:
        homes = fetch_block_homes("99001", transport)
        expected = checked.county.ground.blocks["housing"].sort_index()
        assert homes.index.tolist() == expected.index.tolist()
        assert homes.tolist() == expected.tolist()
        with pytest.raises(NothingThere, match="the service has no block there"):
            fetch_block_homes("99003", transport)


def test_blocks_are_served_for_the_census_of_2020_alone(county: InventedCounty) -> None:
    assert county.dataset(2010, "dec/pl") is None
    assert county.on(dt.date(2021, 8, 11)).dataset(2020, "dec/pl") is None


def test_the_wrong_county_and_the_wrong_columns_are_refused(checked: Check) -> None:
    points = read_points(Path("parcels.csv"))
    swapped = replace(points, longitude=points.latitude, latitude=points.longitude)
    with pytest.raises(InputError, match="longitude and latitude are swapped"):
        check_addresses(swapped, "99001", checked.settings)
    away = replace(points, latitude=np.asarray(points.latitude - 9))
    with pytest.raises(InputError, match="no place is near the county"):
        check_addresses(away, "99001", checked.settings)
    with pytest.raises(InputError, match="has no block in county 99003"):
        check_addresses(points, "99003", checked.settings)
    with pytest.raises(CampaignError, match="is no code of a county"):
        read_county("Cook")
