"""The open-data folder: what may be published as it is, with small cells hidden and the arms of a running test withheld.

The descriptor follows the Frictionless Data Package
(https://specs.frictionlessdata.io/data-package/, v1) and Table Schema.
"""

import datetime as dt
import hashlib
import io
import json
from dataclasses import dataclass
from importlib import resources
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from outreach.reports.data.inputs import ReportView
from outreach.reports.data.metrics import Figures
from outreach.reports.pages.district import SMALL as THRESHOLD

#: Counts that are hidden together: one of them with the rate would give the other away.
_LINKED = ("households_count", "missing_households_count")
#: Columns that tell which units a running test treats.
_ARMS = ("arm", "budget_usd")
_DECIMALS = {"_share": 4, "_points": 4, "_km2": 4, "_usd": 2, "_count": 0}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the open data: its name, Frictionless type, and what it says."""

    name: str
    kind: str
    meaning: str


TRACT_COLUMNS = (
    Column(
        "geoid",
        "string",
        "Census tract, 11 digits: state 2, county 3, tract 6; tracts of the census of the rates.",
    ),
    Column("name", "string", "Name of the tract."),
    Column("status", "string", "rated: a rate is published; rateless: none is; water: no land."),
    Column("data_date", "date", "Cut-off date that the Census Bureau attached to the rate."),
    Column(
        "cumulative_share",
        "number",
        "Households that answered, as a share 0-1 (the Bureau's CRRALL / 100).",
    ),
    Column(
        "internet_share",
        "number",
        "Households that answered online, as a share 0-1 (CRRINT / 100).",
    ),
    Column(
        "households_count",
        "integer",
        "Households (American Community Survey, 5 years); hidden where small.",
    ),
    Column(
        "missing_households_count",
        "integer",
        "Households x (1 - cumulative_share), an estimate; hidden where small.",
    ),
    Column(
        "change_7_points",
        "number",
        "Change of cumulative_share over 7 days, by the days that truly lie between publications.",
    ),
    Column(
        "final_share",
        "number",
        "Forecast of the share at the deadline; empty where no forecast was made.",
    ),
    Column("final_low80_share", "number", "Lower end of the forecast's 80 % interval."),
    Column("final_high80_share", "number", "Upper end of the forecast's 80 % interval."),
    Column(
        "final_2010_share",
        "number",
        "Final share in 2010 on the tracts of today; empty where not known.",
    ),
    Column("arm", "string", "treat, holdout or buffer; the column is withheld while a test runs."),
    Column("budget_usd", "number", "US dollars planned; the column is withheld while a test runs."),
    Column(
        "hidden",
        "string",
        "Columns of this row that are hidden because a count is small, separated by spaces.",
    ),
)
DISTRICT_COLUMNS = (
    Column("district_id", "string", "Code of the district in its own file."),
    Column("name", "string", "Name of the district."),
    Column("data_date", "date", "Cut-off date that the Census Bureau attached to the rates."),
    Column(
        "tracts_count", "integer", "Tracts of which a part with households lies in the district."
    ),
    Column(
        "households_count",
        "integer",
        "Households in tracts with a rate, split tracts by the crosswalk; hidden tracts are not in it.",
    ),
    Column(
        "missing_households_count",
        "integer",
        "Households that have not answered, an estimate; hidden tracts are not in it.",
    ),
    Column(
        "cumulative_share",
        "number",
        "Households that answered, as a share 0-1: mean of the tracts by households.",
    ),
    Column("internet_share", "number", "Households that answered online, as a share 0-1."),
    Column("change_7_points", "number", "Change of cumulative_share over 7 days."),
    Column(
        "final_share",
        "number",
        "Forecast of the share at the deadline; empty where no forecast was made.",
    ),
    Column(
        "final_low80_share",
        "number",
        "Lower end of the forecast's 80 % interval, the tracts' errors taken to move together.",
    ),
    Column("final_high80_share", "number", "Upper end of the forecast's 80 % interval."),
    Column("final_2010_share", "number", "Final share in 2010; empty where not known."),
    Column("rank", "integer", "Place by cumulative_share, 1 the highest."),
    Column(
        "alone_share",
        "number",
        "cumulative_share if each tract were given whole to the district that holds most of it: the error of allocation.",
    ),
    Column(
        "hidden",
        "string",
        "Columns of this row that are hidden because a count is small, separated by spaces.",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Under which terms the folder is published.

    Parameters
    ----------
    licence
        Identifier, title and address of an open licence. The Bureau's figures are in the public
        domain.
    version
        Version of the data, such as its data date.
    made
        Day of making.
    test_running
        Whether a test with a comparison group runs: then arms and money by tract are withheld.
    """

    version: str
    made: dt.date
    test_running: bool
    licence: tuple[str, str, str] = (
        "CC0-1.0", "CC0 1.0 Universal (no rights reserved)", "https://creativecommons.org/publicdomain/zero/1.0/",
    )  # fmt: skip


def write_open_data(view: ReportView, figures: Figures, terms: Terms) -> dict[str, bytes]:
    """Return file name to content: both tables in three forms, dictionary, method, licence and descriptor.

    Parameters
    ----------
    view, figures
        As for the reports.
    terms
        Licence, and whether a test runs.
    """
    tracts, hidden = prepare_tracts(view, figures, test_running=terms.test_running)
    districts = prepare_districts(view, figures, hidden)
    files: dict[str, bytes] = {}
    tables = [("tracts", tracts, TRACT_COLUMNS), ("districts", districts, DISTRICT_COLUMNS)]
    declared = []
    for name, table, columns in tables:
        known = [column for column in columns if column.name in table]
        files |= _write_forms(name, table[[*(column.name for column in known), "geometry"]])
        declared.append((name, known))
    files["data-dictionary.csv"] = _write_dictionary(declared)
    files["METHOD.md"] = tell_method(view, len(hidden), terms).encode()
    files["LICENSE.md"] = (
        f"# {terms.licence[1]}\n\nThis folder is published under {terms.licence[1]}: {terms.licence[2]}\n".encode()
    )
    files["datapackage.json"] = json.dumps(
        describe_package(view, files, declared, terms), indent=2, ensure_ascii=False
    ).encode()
    return files


def prepare_tracts(
    view: ReportView, figures: Figures, *, test_running: bool
) -> tuple[gpd.GeoDataFrame, pd.Index]:
    """Return the tracts as they may be published, and those with a hidden count.

    Where households or missing households number 1 to 9, both are hidden. The rate stays: the
    Bureau publishes it.
    """
    table = view.tracts.copy()
    fresh = view.scores.columns.difference(table.columns, sort=False)
    table = table.join(view.scores[fresh], validate="one_to_one")
    table["missing_households_count"] = _count_missing(table)
    table["change_7_points"] = figures.tract_changes.reindex(table.index)
    if view.targets is not None and not test_running:
        chosen = (
            view.targets[view.targets["kind"] == "tract"]
            .drop_duplicates("place")
            .set_index("place")[list(_ARMS)]
        )
        table = table.drop(columns=[name for name in _ARMS if name in table]).join(
            chosen, validate="one_to_one"
        )
    elif test_running:
        table = table.drop(columns=[name for name in _ARMS if name in table])
    small = find_small(table)
    table.loc[small, list(_LINKED)] = np.nan
    return _shape(table, "geoid", small, TRACT_COLUMNS), table.index[small]


def prepare_districts(view: ReportView, figures: Figures, hidden: pd.Index) -> gpd.GeoDataFrame:
    """Return the districts as they may be published.

    Their counts leave out the tracts whose counts are hidden; with those in, a hidden count could
    be had by subtraction.
    """
    shown = figures.parts[
        ~figures.parts["geoid"].isin(hidden) & figures.parts["cumulative_share"].notna()
    ]
    missing = shown["households_count"] * (1 - shown["cumulative_share"])
    table = view.districts[["geometry"]].join(figures.table, validate="one_to_one")
    table["households_count"] = (
        shown.groupby("district")["households_count"].sum().reindex(table.index)
    )
    table["missing_households_count"] = (
        missing.groupby(shown["district"]).sum().reindex(table.index)
    )
    table["data_date"] = pd.Timestamp(view.data_date)
    small = find_small(table)
    table.loc[small, list(_LINKED)] = np.nan
    return _shape(
        gpd.GeoDataFrame(table, crs=view.districts.crs), "district_id", small, DISTRICT_COLUMNS
    )


def list_small_tracts(view: ReportView) -> pd.Index:
    """Return the tracts whose households, or missing households, are a small count."""
    rows = pd.DataFrame(view.tracts[["households_count", "cumulative_share"]])
    return rows.index[find_small(rows.assign(missing_households_count=_count_missing(rows)))]


def _count_missing(rows: pd.DataFrame) -> "pd.Series[float]":
    missing: pd.Series[float] = rows["households_count"] * (1 - rows["cumulative_share"])
    return missing


def find_small(table: pd.DataFrame) -> "pd.Series[bool]":
    """Return which rows have a count of households above 0 that rounds to less than :data:`THRESHOLD`."""
    counts = table[list(_LINKED)].astype(float).round()
    return ((counts > 0) & (counts < THRESHOLD)).any(axis=1)


def _shape(
    table: gpd.GeoDataFrame, key: str, small: "pd.Series[bool]", columns: tuple[Column, ...]
) -> gpd.GeoDataFrame:
    """Round, name what is hidden, and put the code into a column."""
    table = table.assign(hidden=np.where(small, " ".join(_LINKED), ""))
    for column in columns:
        decimals = next(
            (places for ending, places in _DECIMALS.items() if column.name.endswith(ending)), None
        )
        if column.name in table and column.kind in {"number", "integer"}:
            rounded = table[column.name].astype(float).round(decimals or 0)
            table[column.name] = rounded.astype("Int64") if column.kind == "integer" else rounded
    table.index.name = key
    shaped: gpd.GeoDataFrame = table.reset_index()
    return shaped


def _write_forms(name: str, table: gpd.GeoDataFrame) -> dict[str, bytes]:
    """Write one table as CSV (without geometry), GeoJSON and GeoParquet."""
    plain = pd.DataFrame(table.drop(columns="geometry"))
    for column in plain.select_dtypes("datetime"):
        plain[column] = plain[column].dt.strftime("%Y-%m-%d")
    dated = table.assign(**{str(column): plain[column] for column in plain})
    parquet = io.BytesIO()
    table.to_parquet(parquet, compression="zstd", schema_version="1.1.0")
    return {
        f"{name}.csv": _guard_csv(plain).encode(),
        f"{name}.geojson": dated.to_json(drop_id=True, na="null").encode(),
        f"{name}.parquet": parquet.getvalue(),
    }


def _guard_csv(table: pd.DataFrame) -> str:
    """Write CSV in which no text can be taken for a formula by a spreadsheet."""
    guarded = table.copy()
    for column in table.select_dtypes(include=["object", "string"]).columns:
        risky = table[column].astype("str").str[:1].isin(["=", "+", "-", "@", "\t", "\r"])
        guarded[column] = table[column].mask(risky, "'" + table[column].astype("str"))
    return guarded.to_csv(index=False, lineterminator="\r\n")


def _write_dictionary(declared: list[tuple[str, list[Column]]]) -> bytes:
    rows = [
        (name, column.name, column.kind, column.meaning)
        for name, columns in declared
        for column in columns
    ]
    return (
        pd.DataFrame(rows, columns=["table", "column", "type", "meaning"])
        .to_csv(index=False, lineterminator="\r\n")
        .encode()
    )


def tell_method(view: ReportView, hidden_count: int, terms: Terms) -> str:
    """Return the method in Markdown."""
    template = (
        resources.files("outreach.reports") / "templates" / "open_data_method.md"
    ).read_text(encoding="utf-8")
    crosswalk = view.crosswalk
    return template.format(
        title=view.title.replace("<", "&lt;"),
        kind=view.kind.replace("<", "&lt;"),
        data_date=view.data_date,
        made=terms.made,
        source=view.source,
        unit=crosswalk["unit"].mode()[0].replace("_", " "),
        method=crosswalk["method"].mode()[0],
        last_hidden=THRESHOLD - 1,
        hidden=hidden_count,
        arms="withheld, because a test is running" if terms.test_running else "published",
        licence=terms.licence[1],
    )


def describe_package(
    view: ReportView,
    files: dict[str, bytes],
    declared: list[tuple[str, list[Column]]],
    terms: Terms,
) -> dict[str, Any]:
    """Return the Frictionless descriptor."""
    forms = {
        "csv": ("csv", "text/csv"),
        "geojson": ("geojson", "application/geo+json"),
        "parquet": ("parquet", "application/vnd.apache.parquet"),
    }
    found = []
    for name, columns in declared:
        schema = {
            "fields": [
                {"name": column.name, "type": column.kind, "description": column.meaning}
                for column in columns
            ],
            "missingValues": [""],
            "primaryKey": columns[0].name,
        }
        for ending, (form, media) in forms.items():
            content = files[f"{name}.{ending}"]
            resource: dict[str, Any] = {
                "name": name if ending == "csv" else f"{name}-{ending}",
                "path": f"{name}.{ending}",
                "format": form,
                "mediatype": media,
                "bytes": len(content),
                "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
            }
            tabular = (
                {"profile": "tabular-data-resource", "encoding": "utf-8", "schema": schema}
                if ending == "csv"
                else {}
            )
            found.append(resource | tabular)
    identifier, title, address = terms.licence
    return {
        "profile": "data-package",
        "name": "census-self-response",
        "title": view.title,
        "description": f"Self-response by census tract and by {view.kind}, data of {view.data_date}.",
        "version": terms.version,
        "created": f"{terms.made}T00:00:00Z",
        "licenses": [{"name": identifier, "title": title, "path": address}],
        "sources": [
            {
                "title": view.source,
                "path": "https://www.census.gov/data/developers/data-sets/decennial-response-rates.html",
            }
        ],
        "resources": found,
    }
