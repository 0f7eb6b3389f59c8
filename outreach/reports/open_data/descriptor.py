"""Describe an open-data folder as a Frictionless Data Package.

Specification: https://specs.frictionlessdata.io/data-package/ (v1), with Table Schema.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from outreach.reports.data.inputs import ReportView
from outreach.reports.open_data.columns import OpenColumn
from outreach.reports.open_data.terms import PublicationTerms

_SOURCE_URL = "https://www.census.gov/data/developers/data-sets/decennial-response-rates.html"
#: Media type of each form of a table, by the ending of the file.
_MEDIA_TYPES = {
    "csv": "text/csv",
    "geojson": "application/geo+json",
    "parquet": "application/vnd.apache.parquet",
}


def describe_package(
    view: ReportView,
    files: Mapping[str, bytes],
    tables: Mapping[str, Sequence[OpenColumn]],
    terms: PublicationTerms,
) -> dict[str, Any]:
    """Return the descriptor of the folder.

    Parameters
    ----------
    view
        What the folder shows.
    files
        File name to content.
    tables
        Name of each table to its columns; the first one is the key.
    terms
        License, version and date.
    """
    identifier, title, address = terms.license
    return {
        "profile": "data-package",
        "name": "census-self-response",
        "title": view.title,
        "description": f"Self-response by census tract and {view.kind}, data of {view.data_date}.",
        "version": terms.version,
        "created": f"{terms.made}T00:00:00Z",
        "licenses": [{"name": identifier, "title": title, "path": address}],
        "sources": [{"title": view.read_words("en").source(view.census_year), "path": _SOURCE_URL}],
        "resources": [
            _describe_file(name, form, files[f"{name}.{form}"], columns)
            for name, columns in tables.items()
            for form in _MEDIA_TYPES
        ],
    }


def _describe_file(
    name: str, form: str, content: bytes, columns: Sequence[OpenColumn]
) -> dict[str, Any]:
    """Return the descriptor of one file; a CSV file has a schema."""
    resource: dict[str, Any] = {
        "name": name if form == "csv" else f"{name}-{form}",
        "path": f"{name}.{form}",
        "format": form,
        "mediatype": _MEDIA_TYPES[form],
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
    }
    if form != "csv":
        return resource
    fields = [
        {"name": column.name, "type": column.kind, "description": column.meaning}
        for column in columns
    ]
    schema = {"fields": fields, "missingValues": [""], "primaryKey": columns[0].name}
    return resource | {"profile": "tabular-data-resource", "encoding": "utf-8", "schema": schema}
