"""Figures of tracts are read the same from any table, and a wrong cell is named."""

import io
from pathlib import Path

import pandas as pd
import pytest

from outreach.errors import InputError
from outreach.user_files.tract_figures import read_tract_figures

CODES = ["01001020100", "01001020200", "01001020300"]
FIGURES = [12.5, float("nan"), 1240.0]
CSV = 'GEOID,Rate\n01001020100,12.5%\n1001020200,\n1400000US01001020300,"1,240"\n'


def save(folder: Path, kind: str) -> Path:
    """Save the same three tracts as a file of a kind."""
    path = folder / f"mine.{kind}"
    plain = pd.DataFrame({"geoid": CODES, "rate": FIGURES})
    match kind:
        case "csv":
            path.write_text(CSV)
        case "parquet":
            plain.assign(shape=b"x").to_parquet(path)
        case "parquet.index":
            plain.set_index("geoid").to_parquet(path)
        case "parquet.numbers":
            plain.assign(geoid=[float(code) for code in CODES]).to_parquet(path)
        case "xlsx":
            plain.to_excel(path, index=False)
    return path


@pytest.mark.parametrize("kind", ["csv", "parquet", "parquet.index", "parquet.numbers", "xlsx"])
def test_every_kind_of_file_gives_the_same_figures(tmp_path: Path, kind: str) -> None:
    table = read_tract_figures(save(tmp_path, kind), "the indicator", "geoid", ["rate"])
    expected = pd.DataFrame({"rate": FIGURES}, index=pd.Index(CODES, name="geoid"))
    pd.testing.assert_frame_equal(table, expected)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("geoid,rate\n", "has no row"),
        ("tract,rate\n01001020100,1\n", "has no column geoid. Its columns are tract, rate"),
        ("geoid,rate\n010010201,1\n", "geoid is '010010201', not a code of 11 digits"),
        ("geoid,rate\n1.001E+09,1\n", "a spreadsheet rounded the code"),
        ("geoid,rate\n01001020100,1\n1001020100,2\n", "geoid 01001020100 appear in more than one"),
        ("geoid,rate\n01001020100,low\n", "rate is 'low' in data row 1, not a number"),
    ],
)
def test_a_bad_table_is_refused_in_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_tract_figures(path, "the indicator", "geoid", ["rate"])
    assert sentence in caught.value.what


def test_a_damaged_parquet_file_is_refused(tmp_path: Path) -> None:
    content = io.BytesIO()
    pd.DataFrame({"geoid": CODES}).to_parquet(content)
    path = tmp_path / "mine.parquet"
    path.write_bytes(content.getvalue()[:-20])
    with pytest.raises(InputError, match="is a damaged Parquet file"):
        read_tract_figures(path, "the indicator", "geoid", ["rate"])
