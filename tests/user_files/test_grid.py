"""All cells of a file are read, whatever stands above and below its table."""

from pathlib import Path

import pytest

from outreach.errors import InputError
from outreach.user_files.grid import Grid, read_grids

LINES = 'Report of June\n\n"Day","Campaign","Cost"\n2020-06-01,"A, B","1,200.50"\nTotal,,x\n'


def find(path: Path) -> Grid:
    _, grids = read_grids(path, "a report")
    return next(grid for grid in grids if any(row[:1] == ("Day",) for row in grid.rows))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_text_is_split_by_the_separator_of_its_header(
    encoding: str, separator: str, tmp_path: Path
) -> None:
    path = tmp_path / "report.csv"
    quoted = LINES.replace('","', f'"{separator}"').replace('01,"', f'01{separator}"')
    text = quoted.replace('","1', f'"{separator}"1').replace(
        "Total,,x", separator.join(["Total", "", "x"])
    )
    path.write_text(text, encoding=encoding)
    grid = find(path)
    assert grid.rows[2] == ("Day", "Campaign", "Cost")
    assert grid.rows[0] == ("Report of June",)
    assert grid.rows[3] == ("2020-06-01", "A, B", "1,200.50")
    assert grid.rows[4] == ("Total", "", "x")


def test_a_text_that_is_cut_off_in_a_quoted_cell_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    path.write_text('Day,Cost\n2020-06-01,"1,2')
    grid = find(path)
    with pytest.raises(InputError, match="never closes"):
        grid.refuse_cut()


@pytest.mark.parametrize("content", [b"", b"\n\n , \n"])
def test_an_empty_file_is_named(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"report\.csv is empty"):
        read_grids(path, "a report")
