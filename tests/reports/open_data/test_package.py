"""Open data: whole, described, and without what must not be published."""

import dataclasses
import datetime as dt
import hashlib
import io
import json
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest

from outreach.reports.data.inputs import ReportView
from outreach.reports.open_data.package import write_open_data
from outreach.reports.open_data.redact import make_public
from outreach.reports.open_data.small_counts import SMALLEST_SHOWN
from outreach.reports.open_data.terms import PublicationTerms
from outreach.tables import Targets, as_table

TERMS = PublicationTerms(version="2020-06-12", made=dt.date(2020, 6, 13))


@pytest.fixture(scope="module")
def folder(view: ReportView) -> dict[str, bytes]:
    return write_open_data(make_public(view, test_running=True), TERMS)


def read_csv(folder: dict[str, bytes], name: str) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(folder[name]), dtype={"geoid": "str", "district_id": "str"})


def test_all_forms_hold_the_same_rows_and_figures(
    folder: dict[str, bytes], view: ReportView
) -> None:
    for name, count in (("tracts", len(view.tracts)), ("districts", len(view.districts))):
        table = read_csv(folder, f"{name}.csv")
        parquet = gpd.read_parquet(io.BytesIO(folder[f"{name}.parquet"]))
        features = json.loads(folder[f"{name}.geojson"])["features"]
        assert len(table) == len(parquet) == len(features) == count
        assert parquet.crs.to_epsg() == 4326
        assert list(parquet.columns) == [*table.columns, "geometry"]
        shares = [feature["properties"]["cumulative_share"] for feature in features]
        pd.testing.assert_series_equal(
            pd.Series(shares, dtype=float),
            table["cumulative_share"].astype(float),
            check_names=False,
        )


def test_small_counts_are_hidden_and_cannot_be_found_by_subtraction(
    folder: dict[str, bytes], view: ReportView
) -> None:
    tracts = read_csv(folder, "tracts.csv").set_index("geoid")
    small = view.tracts.index[5]
    assert view.tracts.loc[small, "households_count"] < SMALLEST_SHOWN
    assert tracts.loc[small, ["households_count", "missing_households_count"]].isna().all()
    assert tracts.loc[small, "hidden"] == "households_count missing_households_count"
    shown = tracts[["households_count", "missing_households_count"]].melt()["value"]
    assert not shown.between(1, SMALLEST_SHOWN - 1).any()
    total = read_csv(folder, "districts.csv")["households_count"].sum()
    rated = tracts[tracts["cumulative_share"].notna()]
    assert total == pytest.approx(rated["households_count"].sum(), abs=2)


def test_arms_are_withheld_while_a_test_runs_and_published_after(
    folder: dict[str, bytes], view: ReportView
) -> None:
    for content in folder.values():
        assert b"holdout" not in content.replace(b"treat, holdout or buffer", b"")
    assert "arm" not in read_csv(folder, "tracts.csv")
    leaky = dataclasses.replace(view, scores=view.scores.assign(arm="holdout", budget_usd=1.0))
    leak = write_open_data(make_public(leaky, test_running=True), TERMS)
    assert "arm" not in read_csv(leak, "tracts.csv")
    after = read_csv(write_open_data(make_public(view, test_running=False), TERMS), "tracts.csv")
    after = after.set_index("geoid")
    assert set(after["arm"].dropna()) == {"treat", "holdout"}
    assert after["budget_usd"].sum() == 400
    assert pd.isna(after.loc[view.tracts.index[5], "budget_usd"])


def test_targets_of_a_campaign_without_a_test_are_never_published(view: ReportView) -> None:
    assert view.targets is not None
    bought = as_table(view.targets.assign(arm="treat"), Targets)
    publication = make_public(dataclasses.replace(view, targets=bought), test_running=False)
    assert publication.arms is None
    assert "arm" not in read_csv(write_open_data(publication, TERMS), "tracts.csv")


def check_descriptor(descriptor: dict[str, Any], folder: dict[str, bytes]) -> None:
    """Check a descriptor against the Data Package and Table Schema specifications (v1)."""
    assert descriptor["profile"] == "data-package"
    assert all(
        terms["name"] and terms["path"].startswith("https://") for terms in descriptor["licenses"]
    )
    names = [resource["name"] for resource in descriptor["resources"]]
    assert len(set(names)) == len(names)
    for resource in descriptor["resources"]:
        content = folder[resource["path"]]
        assert resource["bytes"] == len(content)
        assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
        if "schema" in resource:
            header = content.decode().splitlines()[0].split(",")
            fields = resource["schema"]["fields"]
            assert [field["name"] for field in fields] == header
            assert {field["type"] for field in fields} <= {"string", "number", "integer", "date"}
            assert resource["schema"]["primaryKey"] in header


def test_the_descriptor_matches_the_files(folder: dict[str, bytes]) -> None:
    check_descriptor(json.loads(folder["datapackage.json"]), folder)


def test_every_value_has_its_declared_type(folder: dict[str, bytes]) -> None:
    descriptor = json.loads(folder["datapackage.json"])
    for resource in descriptor["resources"]:
        if "schema" not in resource:
            continue
        table = pd.read_csv(
            io.BytesIO(folder[resource["path"]]), dtype="str", keep_default_na=False
        )
        for field in resource["schema"]["fields"]:
            values = table[field["name"]][table[field["name"]] != ""]
            if field["type"] == "integer":
                assert values.str.fullmatch(r"-?\d+").all(), field["name"]
            elif field["type"] == "number":
                assert pd.to_numeric(values, errors="coerce").notna().all(), field["name"]
            elif field["type"] == "date":
                assert values.str.fullmatch(r"\d{4}-\d{2}-\d{2}").all(), field["name"]


def test_the_folder_has_dictionary_method_and_license(folder: dict[str, bytes]) -> None:
    dictionary = pd.read_csv(io.BytesIO(folder["data-dictionary.csv"]))
    for name in ("tracts", "districts"):
        assert (
            dictionary.loc[dictionary["table"] == name, "column"].tolist()
            == read_csv(folder, f"{name}.csv").columns.tolist()
        )
    method = folder["METHOD.md"].decode()
    assert "from 1 to 9" in method
    assert "withheld" in method
    assert "<script>" not in method
    assert b"CC0" in folder["LICENSE.md"]


def test_no_text_is_a_formula(view: ReportView) -> None:
    names = view.districts.assign(name="=HYPERLINK(0)")
    publication = make_public(dataclasses.replace(view, districts=names), test_running=True)
    folder = write_open_data(publication, TERMS)
    assert set(read_csv(folder, "districts.csv")["name"]) == {"'=HYPERLINK(0)"}
