"""Inputs that once failed end at the command line as their READMEs say."""

import csv
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.real

CAMPAIGN = """
name = "Cases"
census_year = 2020
goal_percent = 70.0
deadline = 2020-10-15
budget_usd = 60000
cpm_usd = 14.75
platforms = ["csv"]

[[areas]]
state = "99"
county = "001"
"""
#: Folder of a case, its file, and the layer to name.
WARDS = {
    "Collection": ("13-ward-as-geometrycollection/w.geojson", ""),
    "Layer": ("16-geopackage-with-two-layers/w.gpkg", "wards"),
    "Folder": ("18-zip-with-a-folder-in-it/w.zip", ""),
    "Portal": ("20-socrata-csv-with-the_geom/w.csv", ""),
    "Encoding": ("22-shapefile-with-wrong-cpg/w.shp", ""),
}
#: Households in all twelve wards.
HOUSEHOLDS = "441,631"


@pytest.fixture(scope="module")
def cases(real_data: Path) -> Path:
    folder = real_data.parent / "cases"
    if not folder.is_dir():
        pytest.skip("the inputs that failed are not here (a folder cases beside the real data)")
    return folder


def name_districts(kind: str, file: Path, layer: str = "", crosswalk: Path | None = None) -> str:
    lines = [
        "[[districts]]",
        f'name = "{kind}"',
        f'file = "{file}"',
        'id_column = "ward"',
        'name_column = "name"',
        *([f'layer = "{layer}"'] if layer else []),
        *([f'crosswalk = "{crosswalk}"'] if crosswalk else []),
    ]
    return "\n".join([*lines, ""])


@pytest.mark.parametrize(
    ("file", "code", "sentence"),
    [
        ("01-json-column-twice/dupcols.json", 0, ""),
        ("03-date-with-utc-offset-moves-a-day/tz.csv", 0, "October 16, 2020|2020-10-16"),
        ("04-geoid-in-scientific-notation/sci.csv", 1, r"1\.7031E\+10.* spreadsheet rounded"),
        ("05-geoid-guarded-as-text/guard.csv", 0, ""),
        ("07-tract-label-read-as-code/label.csv", 1, "label of tract 101"),
        ("09-csv-in-cp1252/cp1252.csv", 0, ""),
        ("11-header-with-trailing-blanks/trail.csv", 0, ""),
    ],
)
def test_rates_are_imported_or_refused_in_one_sentence(
    inside: Any, cases: Path, file: str, code: int, sentence: str
) -> None:
    done = inside("archive", "import", str(cases / file))
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert "Warning" not in done.stderr
    assert re.search(sentence, done.stdout + done.stderr)


@pytest.mark.parametrize(
    ("file", "crosswalk", "sentence"),
    [
        ("14-citywide-outline-among-wards/w.geojson", "", "overlap: 0 and 9 share 100%"),
        ("16-geopackage-with-two-layers/w.gpkg", "", "2 layers: precincts, wards"),
        (
            "35-crosswalk-targets-that-are-no-district/wards.geojson",
            "35-crosswalk-targets-that-are-no-district/x2_target01.csv",
            r"9 of 12 targets of the crosswalk \(such as 01\).*of the file \(such as 1\)",
        ),
    ],
)
def test_districts_that_cannot_be_used_are_refused_by_the_check(
    inside: Any, address: dict[str, str], cases: Path, file: str, crosswalk: str, sentence: str
) -> None:
    split = cases / crosswalk if crosswalk else None
    text = CAMPAIGN + name_districts("Wards", cases / file, crosswalk=split)
    (inside.folder / "campaign.toml").write_text(text)
    done = inside("check", "campaign.toml", **address)
    assert done.returncode != 0
    assert re.search(sentence, " ".join((done.stdout + done.stderr).split()))
    assert "Traceback" not in done.stderr


def test_wards_in_every_form_have_their_households_in_the_reports(
    inside: Any, address: dict[str, str], cases: Path
) -> None:
    kinds = [name_districts(kind, cases / file, layer) for kind, (file, layer) in WARDS.items()]
    (inside.folder / "campaign.toml").write_text(CAMPAIGN + "".join(kinds))
    checked = inside("check", "campaign.toml", **address)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    ran = inside("run", "campaign.toml", **address)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    done = inside("report", "latest")
    assert done.returncode == 0, done.stdout + done.stderr
    indexes = [Path(found) for found in re.findall(r"pages?: (.*index\.html)", done.stdout)]
    assert len(indexes) == len(WARDS)
    for index in indexes:
        lead = re.search(r"Of ([\d,]+) households in (\d+) areas", index.read_text())
        assert lead, index
        assert (lead[1], lead[2]) == (HOUSEHOLDS, "12"), index
    text = "".join(index.read_text() for index in indexes)
    assert "Harrowgate" in text
    assert "Doña Ana" in text


def test_huds_workbook_and_googles_lists_reach_the_ad_file(
    inside: Any, address: dict[str, str], cases: Path
) -> None:
    shutil.copy(cases / "25-hud-workbook" / "TRACT_ZIP_122023.xlsx", inside.folder)
    units = '[units]\nkind = "zips"\nzips = "TRACT_ZIP_122023.xlsx"\n'
    (inside.folder / "campaign.toml").write_text(CAMPAIGN + units)
    ran = inside("run", "campaign.toml", **address)
    assert ran.returncode == 0, ran.stdout + ran.stderr

    def export(file: str) -> Any:
        names = ("--geotargets", str(cases / file), "--into", "out", "--force")
        return inside("export", "latest", "--to", "google", *names)

    for file in (
        "28-geotargets-zip-with-folder/g4_folder.zip",
        "31-geotargets-removal-planned-before-active/g6_removal_first.csv",
    ):
        done = export(file)
        assert done.returncode == 0, done.stdout + done.stderr
        with (inside.folder / "out" / "google-editor.csv").open(encoding="utf-8-sig") as rows:
            ids = {row["Location ID"] for row in csv.DictReader(rows)} - {""}
        assert ids
        assert all(re.fullmatch(r"90000\d\d", number) for number in ids)
    for file, sentence in (
        ("30-geotargets-empty-archive/g12_empty.zip", "is an empty zip archive"),
        ("33-geotargets-ids-in-scientific-notation/g10_sci.csv", r"'9\.00E\+06'"),
    ):
        done = export(file)
        assert done.returncode == 1
        assert re.search(sentence, " ".join(done.stderr.split()))


def test_huds_row_twice_is_refused_by_the_check(
    inside: Any, address: dict[str, str], cases: Path
) -> None:
    units = f'[units]\nkind = "zips"\nzips = "{cases / "27-hud-row-twice" / "t.csv"}"\n'
    (inside.folder / "campaign.toml").write_text(CAMPAIGN + units)
    done = inside("check", "campaign.toml", **address)
    assert done.returncode != 0
    assert "appear in more than one row" in " ".join((done.stdout + done.stderr).split())
