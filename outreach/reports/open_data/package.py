"""Write the open-data folder of a run: tables, dictionary, method and license."""

import io
import json
from collections.abc import Mapping, Sequence
from importlib import resources

import geopandas as gpd
import pandas as pd

from outreach.reports.open_data.columns import DISTRICT_COLUMNS, OpenColumn, list_tract_columns
from outreach.reports.open_data.descriptor import describe_package
from outreach.reports.open_data.redact import Publication
from outreach.reports.open_data.small_counts import FEWEST_HOUSEHOLDS, SMALLEST_SHOWN
from outreach.reports.open_data.tables import prepare_districts, prepare_tracts
from outreach.reports.open_data.terms import PublicationTerms
from outreach.spreadsheet import write_csv


def write_open_data(publication: Publication, terms: PublicationTerms) -> dict[str, bytes]:
    """Return file name to content: both tables in three forms and what describes them.

    Parameters
    ----------
    publication
        From :func:`outreach.reports.open_data.redact.make_public`.
    terms
        License, version and date.
    """
    view = publication.view
    tracts, districts = prepare_tracts(publication), prepare_districts(publication)

    # Each table in three forms, with the columns that it has.
    files: dict[str, bytes] = {}
    tables: dict[str, list[OpenColumn]] = {}
    for name, table, columns in (
        ("tracts", tracts, list_tract_columns(view.public_columns)),
        ("districts", districts, DISTRICT_COLUMNS),
    ):
        tables[name] = [column for column in columns if column.name in table]
        names = [column.name for column in tables[name]]
        files |= _write_forms(name, table[[*names, "geometry"]])

    # What describes them; the descriptor comes last, because it lists all other files.
    _, title, address = terms.license
    sentence = f"This folder is published under {title}: {address}"
    files["data-dictionary.csv"] = _write_dictionary(tables)
    files["METHOD.md"] = _write_method(publication, terms).encode()
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
        f"{name}.csv": write_csv(plain, index=False, line_end="\r\n").encode(),
        f"{name}.geojson": dated.to_json(drop_id=True, na="null").encode(),
        f"{name}.parquet": parquet.getvalue(),
    }


def _write_dictionary(tables: Mapping[str, Sequence[OpenColumn]]) -> bytes:
    """Write what each column means."""
    rows = [
        (name, column.name, column.kind, column.meaning)
        for name, columns in tables.items()
        for column in columns
    ]
    table = pd.DataFrame(rows, columns=["table", "column", "type", "meaning"])
    return write_csv(table, index=False, line_end="\r\n").encode()


def _write_method(publication: Publication, terms: PublicationTerms) -> str:
    """Write the method in Markdown."""
    view = publication.view
    file = resources.files("outreach.reports") / "templates" / "open_data_method.md"
    return file.read_text(encoding="utf-8").format(
        title=view.title.replace("<", "&lt;"),
        kind=view.kind.replace("<", "&lt;"),
        data_date=view.data_date,
        made=terms.made,
        source=view.read_words("en").source(view.census_year),
        unit=view.crosswalk["unit"].mode()[0].replace("_", " "),
        method=view.crosswalk["method"].mode()[0],
        last_hidden=SMALLEST_SHOWN - 1,
        fewest=FEWEST_HOUSEHOLDS,
        hidden=len(publication.hidden),
        arms="published, because the test is over" if publication.arms is not None else "withheld",
        license=terms.license[1],
    )
