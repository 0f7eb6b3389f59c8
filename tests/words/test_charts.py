"""Charts: values lie where the scales say, gaps stay gaps, text is escaped."""

import datetime as dt
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from outreach.charts import Chart, Margins, choose_share_range, list_levels


def make_chart(label: str = "a chart") -> Chart:
    """Make a chart of 100 by 60 pixels whose plotting area is 80 by 40."""
    return Chart((100, 60), Margins(15, 5, 8, 12), (0.0, 10.0), (0.0, 1.0), label=label)


def read(chart: Chart) -> ET.Element:
    return ET.fromstring(chart.__html__())


def test_the_ends_of_the_scales_are_the_edges_of_the_plotting_area() -> None:
    chart = make_chart()
    assert (chart.x(0), chart.x(10)) == (15, 95)
    assert (chart.y(0), chart.y(1)) == (48, 8)


def test_a_line_skips_days_without_a_value() -> None:
    chart = make_chart()
    chart.add_line([0, 5, 10], [0.0, np.nan, 1.0], "own")
    (line,) = read(chart).iter("polyline")
    assert line.get("points") == "15,48 95,8"


def test_a_band_goes_along_its_lower_edge_and_back_along_its_upper_edge() -> None:
    chart = make_chart()
    chart.add_band([0, 10], [0.0, 0.0], [1.0, 1.0], "band")
    (band,) = read(chart).iter("polygon")
    assert band.get("points") == "15,48 95,48 95,8 15,8"


def test_text_of_a_chart_cannot_become_a_tag() -> None:
    chart = make_chart('<script>"&')
    chart.add_text(0, 0, "</svg><script>", "name")
    assert "<script>" not in chart.__html__()
    assert read(chart).get("aria-label") == '<script>"&'
    assert [text.text for text in read(chart).iter("text")] == ["</svg><script>"]


def test_months_are_labeled_inside_the_plotting_area_only() -> None:
    chart = Chart((100, 60), Margins(15, 5, 8, 12), (0.0, 61.0), (0.0, 1.0), label="")
    chart.add_months(dt.date(2020, 4, 1), dt.date(2020, 6, 1), lambda month: f"{month:%b}")
    assert [text.text for text in read(chart).iter("text")] == ["May"]


def test_every_other_month_goes_when_there_are_many() -> None:
    chart = Chart((400, 60), Margins(15, 5, 8, 12), (0.0, 400.0), (0.0, 1.0), label="")
    chart.add_months(dt.date(2020, 1, 15), dt.date(2021, 2, 10), lambda month: f"{month:%b}")
    labels = [text.text for text in read(chart).iter("text")]
    assert labels == ["Feb", "Apr", "Jun", "Aug", "Oct", "Dec", "Feb"]


@pytest.mark.parametrize(
    ("shares", "limits"),
    [([0.31, 0.62], (0.3, 0.7)), ([0.3, 0.6], (0.3, 0.6)), ([0.3], (0.3, 0.4))],
)
def test_a_share_axis_ends_at_the_tenths_around_the_shares(
    shares: list[float], limits: tuple[float, float]
) -> None:
    assert choose_share_range(shares) == pytest.approx(limits)


def test_a_wide_share_axis_has_a_grid_line_every_fifth() -> None:
    assert list_levels(0.3, 0.9) == [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
    assert list_levels(0.0, 1.0) == [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
