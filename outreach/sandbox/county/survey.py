"""Survey the invented people: every cell of the served ACS tables."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from outreach.arrays import Floats, Ints
from outreach.sandbox.county.people import People
from outreach.sandbox.county.sheet import NO_ESTIMATE, NO_MARGIN, Cells, SurveySheet
from outreach.sandbox.county.survey_persons import (
    fill_groups,
    fill_household_languages,
    fill_incomes,
    fill_persons,
)

#: A cell that collects what no single cell of a table holds.
_REST = 99


def take_survey(people: People, rng: np.random.Generator) -> pd.DataFrame:
    """Survey the people of some areas.

    Parameters
    ----------
    people
        By tract.
    rng
        Source of the sampling error. The order of the tables below fixes the figures; keep it.

    Returns
    -------
    pandas.DataFrame
        By area, ``...E`` estimates and ``...M`` margins (counts, US dollars), in order of code.
    """
    table = people.table
    sheet = SurveySheet(rng)
    share: dict[str, Floats] = {str(name): column.to_numpy() for name, column in table.items()}

    noise = rng.normal(1, 0.03, len(table))
    housing = np.round(share["housing"] * noise).astype(np.int64)
    sheet.add_count("B25001_001", housing, housing)
    vacant, renters = share["vacant_share"], share["renter_share"]
    sheet.split_total("B25002", housing, {2: 1 - vacant, 3: vacant}, {1: (2, 3)})
    homes = sheet.estimates["B25002_002"]
    sheet.split_total("B25003", homes, {2: 1 - renters, 3: renters}, {1: (2, 3)})
    _fill_tenures(sheet, share, homes)
    _fill_buildings(sheet, share, housing)
    _fill_internet(sheet, share, homes)
    _fill_devices(sheet, share, homes)
    _fill_families(sheet, share, homes)
    fill_household_languages(sheet, share, homes)
    fill_persons(sheet, share, homes)
    _fill_median_income(sheet, share, homes)

    # These tables have random numbers of their own, so that no other table depends on them.
    fill_groups(sheet, share, rng.spawn(1)[0])
    fill_incomes(SurveySheet(rng.spawn(1)[0], sheet.estimates, sheet.margins), share)

    columns = {f"{code}E": values for code, values in sheet.estimates.items()}
    columns |= {f"{code}M": values for code, values in sheet.margins.items()}
    return pd.DataFrame(columns, index=table.index)[sorted(columns)]


def _fill_tenures(sheet: SurveySheet, share: Mapping[str, Floats], homes: Ints) -> None:
    """Fill the tables that separate owners from renters: crowding, age, and year moved in."""
    old, movers = share["old_share"], share["mover_share"]
    for tenure, crowding, youth, moving, totals in (
        ("002", 0.7, 0.35, 0.5, (2, 2, 2)),
        ("003", 1.5, 1.2, 1.4, (8, 12, 9)),
    ):
        total = sheet.estimates[f"B25003_{tenure}"]
        crowded, young, new = crowding * share["crowded_share"], youth * movers, moving * movers
        middle, settled = np.maximum(1 - old - young, 0.05), np.maximum(1 - new, 0.05)
        rooms = [0.6 * (1 - crowded), 0.4 * (1 - crowded)]
        rooms += [part * crowded for part in (0.7, 0.2, 0.1)]
        ages = [part * young for part in (0.15, 0.85)]
        ages += [part * middle for part in (0.3, 0.35, 0.18, 0.17)]
        ages += [part * old for part in (0.55, 0.3, 0.15)]
        years = [0.2 * new, 0.8 * new, *(part * settled for part in (0.32, 0.33, 0.2, 0.15))]

        for table, first, parts in zip(
            ("B25014", "B25007", "B25038"), totals, (rooms, ages, years), strict=True
        ):
            cells = {first + 1 + number: part for number, part in enumerate(parts)}
            sheet.split_total(table, total, cells, {first: tuple(cells)})

    for table, second in (("B25014", 8), ("B25007", 12), ("B25038", 9)):
        owners, renters = sheet.estimates[f"{table}_002"], sheet.estimates[f"{table}_{second:03d}"]
        sheet.add_count(f"{table}_001", owners + renters, homes)


def _fill_buildings(sheet: SurveySheet, share: Mapping[str, Floats], housing: Ints) -> None:
    """Fill the table of units in structure."""
    large = share["large_building_share"]
    small, rest = 0.22 * (1 - large), 0.78 * (1 - large)
    cells: Cells = {
        2: 0.86 * rest,
        3: 0.12 * rest,
        4: 0.4 * small,
        5: 0.35 * small,
        6: 0.25 * small,
        7: 0.35 * large,
        8: 0.3 * large,
        9: 0.35 * large,
        10: 0.015 * rest,
        11: 0.005 * rest,
    }
    sheet.split_total("B25024", housing, cells, {1: tuple(range(2, 12))})


def _fill_internet(sheet: SurveySheet, share: Mapping[str, Floats], homes: Ints) -> None:
    """Fill the table of internet subscriptions."""
    offline = share["offline_share"]
    mobile = np.minimum(0.05 + 1.1 * share["smartphone_only_share"], 0.6)
    online: Cells = {
        3: 0.003,
        6: mobile,
        8: 0.18 * (1 - mobile),
        10: 0.02,
        11: 0.002,
        12: 0.04,
        _REST: 0.76 * (1 - mobile),
    }
    cells: Cells = {number: part * (1 - offline) for number, part in online.items()}
    cells[13] = offline
    sheet.split_total(
        "B28002",
        homes,
        cells,
        {
            5: (6, _REST),
            7: (8, _REST),
            9: (10,),
            4: (6, 8, 10, _REST),
            2: (3, 4, 11),
            1: (2, 12, 13),
        },
    )
    _drop_rest(sheet, "B28002")


def _fill_devices(sheet: SurveySheet, share: Mapping[str, Floats], homes: Ints) -> None:
    """Fill the table of devices."""
    alone = share["smartphone_only_share"]
    none = 0.75 * share["offline_share"]
    cells: Cells = {
        4: 0.06 * (1 - none),
        6: alone,
        8: 0.01,
        10: 0.003,
        11: none,
        _REST: np.maximum(0.9 - none - alone, 0.1),
    }
    sheet.split_total(
        "B28001",
        homes,
        cells,
        {
            3: (4, _REST),
            5: (6, _REST),
            7: (8, _REST),
            9: (10,),
            2: (4, 6, 8, 10, _REST),
            1: (2, 11),
        },
    )
    _drop_rest(sheet, "B28001")


def _drop_rest(sheet: SurveySheet, table: str) -> None:
    """Remove the helper cell of a table."""
    code = f"{table}_{_REST:03d}"
    del sheet.estimates[code], sheet.margins[code]


def _fill_families(sheet: SurveySheet, share: Mapping[str, Floats], homes: Ints) -> None:
    """Fill the table of households with children."""
    single = share["single_parent_share"]
    cells: Cells = {
        4: 0.22 * (1 - single),
        6: 0.25 * single,
        7: 0.75 * single,
        8: 0.005,
        11: 0.75 * (1 - single),
    }
    sheet.split_total("B11005", homes, cells, {5: (6, 7), 3: (4, 5), 2: (3, 8), 1: (2, 11)})


def _fill_median_income(sheet: SurveySheet, share: Mapping[str, Floats], homes: Ints) -> None:
    """Fill the median household income; a tract without homes has none."""
    noise = sheet.rng.normal(1, 0.09, len(homes))
    income = np.round(share["income_usd"] * noise, -1).astype(np.int64)
    margin = (0.15 * income).round().astype(np.int64)
    sheet.estimates["B19013_001"] = np.where(homes > 0, income, NO_ESTIMATE)
    sheet.margins["B19013_001"] = np.where(homes > 0, margin, NO_MARGIN)
