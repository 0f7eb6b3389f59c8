"""The status names what the archive lacks, repeats, or has in two versions."""

import datetime as dt
from typing import Any

from outreach.archive import Archive, describe_archive
from outreach.archive.presence import find_gaps

NORTH, LOOP, DOWNSTATE, ALABAMA = "t17031010100", "t17031320100", "t17001000100", "t01001020100"


def days(*numbers: int, month: int = 6) -> tuple[dt.date, ...]:
    return tuple(dt.date(2020, month, number) for number in numbers)


def test_an_empty_archive_says_so(archive: Archive) -> None:
    status = describe_archive(archive)
    assert status.dates == ()
    assert status.lines() == ["The archive has no snapshot for this area."]


def test_a_missing_working_day_is_a_gap_and_a_quiet_weekend_is_not() -> None:
    gaps, rest = find_gaps(days(10, 11, 15, 17))
    assert gaps == days(12, 16)
    assert rest == days(13, 14)


def test_a_weekend_day_is_a_gap_if_weekends_are_published() -> None:
    gaps, rest = find_gaps(days(5, 6, 8, 9, 10, 11, 12, 13, 14, 15))
    assert gaps == days(7)
    assert rest == ()


def test_a_federal_holiday_is_a_rest_day() -> None:
    gaps, rest = find_gaps((dt.date(2020, 7, 2), dt.date(2020, 7, 6)))
    assert gaps == ()
    assert rest == days(3, 4, 5, month=7)


def test_missing_areas_are_named_at_the_widest_level(
    archive: Archive, make_rates: Any, noon: Any
) -> None:
    everyone = dict.fromkeys((NORTH, LOOP, DOWNSTATE, ALABAMA), 0.5)
    absent = {9: (ALABAMA,), 10: (DOWNSTATE,), 11: (LOOP,), 12: ()}
    for day, names in absent.items():
        shares = {name: share for name, share in everyone.items() if name not in names}
        archive.append(
            make_rates(f"2020-06-{day:02d}", **shares), "api", noon(f"2020-06-{day:02d}")
        )
    status = describe_archive(archive)
    assert status.missing_states == {dt.date(2020, 6, 9): ("01",)}
    assert status.missing_counties == {dt.date(2020, 6, 10): ("17001",)}
    assert status.missing_tracts == {dt.date(2020, 6, 11): ("17031320100",)}
    assert (status.rows, status.tracts, status.states, status.downloads) == (13, 4, ("01", "17"), 4)
    text = "\n".join(status.lines())
    assert "States missing on June 9, 2020: 01." in text
    assert "Tracts missing on June 11, 2020: 17031320100." in text
    assert describe_archive(archive, ["17031"]).missing_counties == {}


def test_a_reply_is_stale_when_an_earlier_day_brought_it(
    archive: Archive, make_rates: Any, noon: Any
) -> None:
    rates = make_rates("2020-06-12", **{NORTH: 0.5})
    for download in ("2020-06-12", "2020-06-12", "2020-06-13", "2020-06-14", "2020-06-14"):
        archive.append(rates, "api", noon(download))
    archive.append(make_rates("2020-06-15", **{NORTH: 0.6}), "api", noon("2020-06-16"))
    status = describe_archive(archive)
    assert [(stale.data_date.day, stale.lag_days) for stale in status.stale] == [(12, 1), (12, 2)]
    assert (
        "2 of them repeated a snapshot that was already in the archive (1 by 1 day, 1 by 2 days)"
        in "\n".join(status.lines())
    )


def test_the_first_look_at_another_county_is_not_stale(
    archive: Archive, make_rates: Any, noon: Any
) -> None:
    archive.append(make_rates("2020-06-12", **{NORTH: 0.5}), "api", noon("2020-06-12"))
    archive.append(make_rates("2020-06-12", **{DOWNSTATE: 0.5}), "api", noon("2020-06-13"))
    assert describe_archive(archive).stale == ()
    archive.append(
        make_rates("2020-06-12", **{NORTH: 0.5, DOWNSTATE: 0.5}), "api", noon("2020-06-14")
    )
    archive.append(make_rates("2020-06-12", **{NORTH: 0.5}), "api", noon("2020-06-15"))
    assert [stale.lag_days for stale in describe_archive(archive).stale] == [3]


def test_a_changed_snapshot_is_counted_on_its_date(
    archive: Archive, make_rates: Any, noon: Any
) -> None:
    archive.append(make_rates("2020-06-12", **{NORTH: 0.5, LOOP: 0.2}), "api", noon("2020-06-12"))
    for day, share in ((13, 0.6), (14, 0.7)):
        archive.append(
            make_rates("2020-06-12", **{NORTH: share, LOOP: 0.2}), "api", noon(f"2020-06-{day}")
        )
    status = describe_archive(archive)
    assert status.changed == {dt.date(2020, 6, 12): 1}
    assert status.rows == 2
    assert "Figures of June 12, 2020 changed for 1 tract. All versions are kept." in status.lines()
