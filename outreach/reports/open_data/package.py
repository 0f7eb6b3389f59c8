"""Write the open-data folder of a run: tables, dictionary, method and license."""

import io
import json
from collections.abc import Mapping, Sequence
from importlib import resources

import geopandas as gpd
import pandas as pd

from outreach.reports.data.inputs import ReportView
from outreach.reports.data.metrics import Figures
from outreach.reports.open_data.columns import DISTRICT_COLUMNS, TRACT_COLUMNS, OpenColumn
from outreach.reports.open_data.descriptor import describe_package
from outreach.reports.open_data.small_counts import SMALLEST_SHOWN
from outreach.reports.open_data.tables import prepare_districts, prepare_tracts
from outreach.reports.open_data.terms import PublicationTerms

#: A spreadsheet takes text that starts with one of these for a formula.
_FORMULA_STARTS = ["=", "+", "-", "@", "\t", "\r"]


def write_open_data(
    view: ReportView, figures: Figures, terms: PublicationTerms
) -> dict[str, bytes]:
    """Return file name to content: both tables in three forms and what describes them.

    Small counts are hidden, and the arms of a running test are withheld.

    Parameters
    ----------
    view, figures
        As for the pages of the team.
    terms
        License, and whether a test runs.
    """
    tracts, hidden = prepare_tracts(view, figures, test_running=terms.test_running)
    districts = prepare_districts(view, figures, hidden)

    # Each table in three forms, with the columns that it has.
    files: dict[str, bytes] = {}
    tables: dict[str, list[OpenColumn]] = {}
    for name, table, columns in (
        ("tracts", tracts, TRACT_COLUMNS),
        ("districts", districts, DISTRICT_COLUMNS),
    ):
        tables[name] = [column for column in columns if column.name in table]
        names = [column.name for column in tables[name]]
        files |= _write_forms(name, table[[*names, "geometry"]])

    # What describes them; the descriptor comes last, because it lists all other files.
    _, title, address = terms.license
    sentence = f"This folder is published under {title}: {address}"
    files["data-dictionary.csv"] = _write_dictionary(tables)
    files["METHOD.md"] = _write_method(view, len(hidden), terms).encode()
    files["LICENSE.md"] = f"# {title}\n\n{sentence}\n".encode()
    descriptor = describe_package(view, files, tables, terms)
    files["datapackage.json"] = json.dumps(descriptor, indent=2, ensure_ascii=False).encode()
    return files


def _write_forms(name: str, table: gpd.GeoDataFrame) -> dict[str, bytes]:
    """Write one table as CSV (without geometry), GeoJSON and GeoParquet."""
    plain = pd.DataFrame(table.drop(columns="geometry"))
    for column in plain.select_dtypes("datetime"):
        plain[column] = plain[column].dt.strftime("%Y-%m-%d")
    dated = table.assign(**{str(column): plain[column] for column in plain})
    parquet = io.BytesIO()
    table.to_parquet(parquet, compression="zstd", schema_version="1.1.0")
    return {
        f"{name}.csv": _write_csv(plain),
        f"{name}.geojson": dated.to_json(drop_id=True, na="null").encode(),
        f"{name}.parquet": parquet.getvalue(),
    }


def _write_csv(table: pd.DataFrame) -> bytes:
    """Write CSV in which a spreadsheet takes no text for a formula."""
    guarded = table.copy()
    for column in table.select_dtypes(include=["object", "string"]).columns:
        text = table[column].astype("str")
        guarded[column] = table[column].mask(text.str[:1].isin(_FORMULA_STARTS), "'" + text)
    return guarded.to_csv(index=False, lineterminator="\r\n").encode()


def _write_dictionary(tables: Mapping[str, Sequence[OpenColumn]]) -> bytes:
    """Write what each column means."""
    rows = [
        (name, column.name, column.kind, column.meaning)
        for name, columns in tables.items()
        for column in columns
    ]
    table = pd.DataFrame(rows, columns=["table", "column", "type", "meaning"])
    return table.to_csv(index=False, lineterminator="\r\n").encode()


def _write_method(view: ReportView, hidden_count: int, terms: PublicationTerms) -> str:
    """Write the method in Markdown."""
    file = resources.files("outreach.reports") / "templates" / "open_data_method.md"
    return file.read_text(encoding="utf-8").format(
        title=view.title.replace("<", "&lt;"),
        kind=view.kind.replace("<", "&lt;"),
        data_date=view.data_date,
        made=terms.made,
        source=view.source,
        unit=view.crosswalk["unit"].mode()[0].replace("_", " "),
        method=view.crosswalk["method"].mode()[0],
        last_hidden=SMALLEST_SHOWN - 1,
        hidden=hidden_count,
        arms="withheld, because a test is running" if terms.test_running else "published",
        license=terms.license[1],
    )
