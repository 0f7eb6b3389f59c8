import datetime as dt

from outreach.phrasing import (
    join_words,
    list_names,
    write_count,
    write_date,
    write_dollars,
    write_percent,
    write_points,
)


def test_a_percentage_has_no_blank_before_its_sign() -> None:
    assert write_percent(0.153) == "15%"
    assert write_percent(0.153, 1) == "15.3%"
    assert write_percent(12.5) == "1,250%"


def test_what_rounds_to_zero_has_no_sign() -> None:
    assert write_percent(-0.001) == "0%"
    assert write_points(0.0001, signed=True) == "0.0 points"
    assert write_points(-0.0001, signed=True) == "0.0 points"
    assert write_dollars(-0.2) == "$0"


def test_points_show_an_increase_only_where_it_matters() -> None:
    assert write_points(0.012) == "1.2 points"
    assert write_points(0.012, signed=True) == "+1.2 points"
    assert write_points(-0.0125, 2, signed=True) == "-1.25 points"


def test_one_thing_is_counted_in_the_singular() -> None:
    assert write_count(1, "ZIP") == "1 ZIP"
    assert write_count(2, "ZIP") == "2 ZIPs"
    assert write_count(0, "ZIP") == "0 ZIPs"
    assert write_count(1204, "county", "counties") == "1,204 counties"
    assert write_count(0.9, "household") == "1 household"


def test_dollars_stand_before_the_amount() -> None:
    assert write_dollars(1250) == "$1,250"
    assert write_dollars(1250, cents=True) == "$1,250.00"
    assert write_dollars(-3.5, cents=True) == "-$3.50"


def test_a_date_is_written_month_first() -> None:
    assert write_date(dt.date(2020, 4, 15)) == "April 15, 2020"
    assert write_date(dt.date(2020, 10, 5)) == "October 5, 2020"


def test_a_list_has_a_comma_before_its_last_word() -> None:
    assert join_words([]) == ""
    assert join_words(["a"]) == "a"
    assert join_words(["a", "b"]) == "a and b"
    assert join_words(["a", "b", "c"], "or") == "a, b, or c"


def test_a_long_list_of_names_is_cut_and_the_rest_counted() -> None:
    assert list_names(["a", "b"], 2) == "a, b"
    assert list_names(["Ward\nnumber ", "x" * 80], 2) == f"Ward number, {'x' * 57}..."
    assert list_names(["a", "b", "c"], 2) == "a, b and 1 more"
    assert list_names([str(number) for number in range(1002)], 1) == "0 and 1,001 more"
