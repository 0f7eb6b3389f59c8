"""Figures of the city stand beside the rates with their own dates, redacted like all others."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from outreach.catalog import read_words
from outreach.reports.data.city_series import WHOLE, CitySeries, sum_series
from outreach.reports.data.inputs import ReportView
from outreach.reports.data.metrics import measure_districts
from outreach.reports.open_data.redact import make_public
from outreach.reports.pages.city_figures import show_city_figures
from outreach.reports.pages.frame import Origin
from outreach.reports.pages.report_set import write_seasons
from outreach.reports.pages.site import write_fronts
from outreach.tables import Tracts, as_geo_table
from tests.reports.town import SPEND

NAMES = {
    "indicator_calls_2022_count": "2022",
    "indicator_calls_20230930_count": "2023-09-30",
    "indicator_calls_count": "2024",
}
CALLS = CitySeries("Calls to 311", "City 311", "count", NAMES)
ASTHMA = CitySeries(
    "Adults with asthma", "Health Department", "percent", {"indicator_asthma_share": "2024"}
)


@pytest.fixture(scope="module")
def city(view: ReportView) -> ReportView:
    """Return the town with two figures of its own, of which one may be published."""
    tracts = view.tracts.copy()
    for place, name in enumerate(NAMES, start=1):
        tracts[name] = 10.0 * place * np.arange(1, len(tracts) + 1)
    tracts["indicator_asthma_share"] = np.linspace(0.05, 0.15, len(tracts))
    return dataclasses.replace(
        view,
        tracts=as_geo_table(tracts, Tracts),
        series=(CALLS, ASTHMA),
        public_columns=dict.fromkeys(NAMES, "calls"),
    )


def test_counts_are_split_and_shares_weighted(city: ReportView) -> None:
    table = sum_series(CALLS, city.tracts, city.crosswalk, city.districts.index)
    assert table.columns.tolist() == ["2022", "2023-09-30", "2024"]
    assert table.index.tolist() == [WHOLE, *city.districts.index]
    assert table.loc[WHOLE, "2024"] == city.tracts["indicator_calls_count"].sum()
    assert table["2022"].iloc[1:].sum() == pytest.approx(table.loc[WHOLE, "2022"])
    own = city.crosswalk[city.crosswalk["target"] == "1"].set_index("source")["weight"]
    calls = city.tracts["indicator_calls_2022_count"].reindex(own.index)
    assert table.loc["1", "2022"] == pytest.approx((calls * own).sum())

    shares = sum_series(ASTHMA, city.tracts, city.crosswalk, city.districts.index)
    households = city.tracts["households_count"]
    mean = (city.tracts["indicator_asthma_share"] * households).sum() / households.sum()
    assert shares.loc[WHOLE, "2024"] == pytest.approx(mean)


def test_a_mean_of_less_than_half_of_the_homes_is_not_shown(city: ReportView) -> None:
    tracts = city.tracts.copy()
    tracts.loc[tracts.index[9:], "indicator_asthma_share"] = np.nan
    table = sum_series(ASTHMA, tracts, city.crosswalk, city.districts.index)
    assert pd.isna(table.loc[WHOLE, "2024"])


def test_season_and_front_page_show_each_figure_with_its_date(city: ReportView) -> None:
    figures, origin = measure_districts(city), Origin()
    seasons = dict(write_seasons(city, figures, SPEND, ("en", "es"), origin=origin))
    english, spanish = seasons["season.html"], seasons["season.es.html"]
    for page in (english, spanish):
        assert "Calls to 311" in page
        assert "Adults with asthma" in page
    assert "Figures of the city" in english
    assert "Sep 30, 2023" in english
    assert "Cifras de la ciudad" in spanish
    assert "30 sept 2023" in spanish
    calls, asthma = show_city_figures(city, read_words("en"))
    assert calls.moments == ("2022", "Sep 30, 2023", "2024")
    assert calls.moment == "2024"
    assert calls.chart is not None
    assert calls.rows[0][0] == "All areas"
    assert asthma.chart is None  # one moment is no line
    assert asthma.figure.endswith("%")


def test_the_public_side_has_only_what_may_be_published(city: ReportView) -> None:
    publication = make_public(city, test_running=False)
    fronts = dict(
        write_fronts(
            publication.figures,
            publication.view,
            {"Ward": "ward"},
            ("en", "es"),
            test_running=False,
        )
    )
    for page in fronts.values():
        assert "Calls to 311" in page
        assert "asthma" not in page

    # Hidden tracts are in no sum; small counts stand as 5.
    assert publication.hidden
    shown = publication.view.tracts
    table = sum_series(CALLS, shown, publication.view.crosswalk, city.districts.index)
    kept = city.tracts.drop(index=list(publication.hidden))["indicator_calls_count"]
    assert table.loc[WHOLE, "2024"] == kept.sum()
    assert shown.loc[list(publication.hidden), list(NAMES)].isna().all(axis=None)
