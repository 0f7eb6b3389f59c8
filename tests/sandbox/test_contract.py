"""Both worlds of the sandbox serve every declared dataset within its declared range."""

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

import outreach.census.datasets
from outreach.dataset import JAM_CEILING, Dataset, Unit, Variable
from outreach.registry import discover
from outreach.sandbox.county.world import InventedCounty
from outreach.sandbox.replay.season import ReplayedSeason
from outreach.sandbox.world import World

DATASETS = discover(outreach.census.datasets, "DATASET", Dataset)
TODAY = dt.date(2020, 5, 28)


@pytest.fixture(scope="module")
def invented() -> World:
    return InventedCounty(today=TODAY)


@pytest.fixture(scope="module")
def replayed(real_data: Path) -> World:
    return ReplayedSeason(real_data, TODAY)


@pytest.fixture(params=["invented", pytest.param("replayed", marks=pytest.mark.real)])
def world(request: pytest.FixtureRequest) -> World:
    served: World = request.getfixturevalue(request.param)
    return served


@pytest.fixture(params=DATASETS.values(), ids=DATASETS.keys())
def dataset(request: pytest.FixtureRequest) -> Dataset:
    declared: Dataset = request.param
    return declared


def served_rows(world: World, dataset: Dataset) -> dict[int, pd.DataFrame]:
    """Return the tract rows by vintage, of the declared vintages that the world serves."""
    answers = {vintage: world.dataset(vintage, dataset.path) for vintage in dataset.vintages}
    return {
        vintage: served.rows["tract"] for vintage, served in answers.items() if served is not None
    }


def find_outliers(
    rows: pd.DataFrame, variable: Variable, codes: tuple[str, ...]
) -> "pd.Series[str]":
    """Return the values that are neither missing nor within the declared range."""
    texts = rows[list(codes)].melt()["value"].dropna()
    if variable.unit is Unit.TEXT:
        return texts[~texts.map(lambda text: isinstance(text, str))]
    if variable.unit is Unit.DATE:
        return texts[pd.to_datetime(texts, format="%Y-%m-%d", errors="coerce").isna()]
    figures = pd.to_numeric(texts, errors="coerce")
    return texts[~(figures.between(variable.low, variable.high) | (figures <= JAM_CEILING))]


def test_every_declared_code_is_served_with_a_label(world: World, dataset: Dataset) -> None:
    answers = served_rows(world, dataset)
    if not answers:
        pytest.skip(f"{world.describe()} {dataset.name} has no figures there.")
    for vintage, rows in answers.items():
        codes = {dataset.id_code, *dataset.codes(vintage)}
        served = world.dataset(vintage, dataset.path)
        assert served is not None
        assert codes <= set(rows.columns)
        assert codes <= set(served.labels)


def test_every_row_is_identified_once_by_its_geography(world: World, dataset: Dataset) -> None:
    for rows in served_rows(world, dataset).values():
        geoid = rows["state"] + rows["county"] + rows["tract"]
        assert list(rows.columns[-3:]) == ["state", "county", "tract"]
        assert geoid.is_unique
        assert geoid.str.fullmatch(r"\d{11}").all()
        assert (rows[dataset.id_code].str[-11:] == geoid).all()


def test_every_value_is_text_or_missing_and_within_the_declared_range(
    world: World, dataset: Dataset
) -> None:
    for vintage, rows in served_rows(world, dataset).items():
        kinds = {kind for column in rows for kind in rows[column].dropna().map(type).unique()}
        assert kinds <= {str}
        for variable in dataset.list_variables(vintage):
            codes = tuple(dataset.spell(code, vintage) for code in variable.codes)
            outliers = find_outliers(rows, variable, codes)
            assert outliers.empty, f"{variable.name}: {outliers.head()}"


def test_a_required_value_is_never_missing(world: World, dataset: Dataset) -> None:
    for vintage, rows in served_rows(world, dataset).items():
        codes = [
            dataset.spell(code, vintage)
            for each in dataset.list_variables(vintage)
            if each.required
            for code in each.codes
        ]
        assert rows[codes].notna().all(axis=None)
