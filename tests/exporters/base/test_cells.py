"""Figures keep the form that platforms expect."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.exporters.base.cells import floor_cents, format_degrees, format_figure


@given(st.floats(-180, 180))
def test_an_angle_has_six_decimals_and_no_exponent(angle: float) -> None:
    text = str(format_degrees(angle))
    assert len(text.split(".")[1]) == 6
    assert "e" not in text.lower()


@pytest.mark.parametrize(
    ("money", "cents"), [(0.019, "0.01"), (12.3, "12.3"), (0.29, "0.29"), (1e6 / 3, "333333.33")]
)
def test_money_is_never_rounded_up(money: float, cents: str) -> None:
    assert floor_cents(money) == Decimal(cents)


def test_a_missing_figure_is_an_empty_cell() -> None:
    assert format_figure(float("nan")) == ""
    assert str(format_figure(1200.0)) == "1200"
    assert str(format_figure(0.5)) == "0.5"
