"""Declare the ACS five-year tables: who lives in a tract and how to reach them.

Source: ``{year}/acs/acs5``, detailed tables (census reference 3). Estimates end in ``E``, 90%
margins of error in ``M``.
"""

from collections.abc import Iterator

from outreach.acs_labels import MOVES, Moves, label_estimate
from outreach.dataset import Dataset, Unit, Variable

#: The internet was asked about from 2013 on, so its five-year tables start with 2013-2017.
_FIRST_VINTAGE = 2017


def _cells(table: str, *numbers: int) -> tuple[str, ...]:
    """Name estimate cells: ``_cells("B25014", 5, 6)`` is B25014_005E and B25014_006E."""
    return tuple(f"{table}_{number:03d}E" for number in numbers)


def _count(name: str, codes: tuple[str, ...], label: str) -> Variable:
    """Declare a count with margins; no tract holds more than 200,000 of anything."""
    labels = tuple(label_estimate(code, _FIRST_VINTAGE) for code in codes)
    return Variable(
        name, codes, Unit.COUNT, high=200_000, label=label, margin=True, bureau_labels=labels
    )


def _declare_moves() -> Iterator[Variable]:
    """Declare households by when they moved in; the periods change with the vintage."""
    for moves in MOVES:
        yield _count_moves(moves, f"moved_since_{moves.recent}", (3, 4, 10, 11))
        yield _count_moves(moves, f"moved_before_{moves.oldest}", (8, 15))


def _count_moves(moves: Moves, name: str, cells: tuple[int, ...]) -> Variable:
    """Declare households that moved in during some periods of table B25038."""
    codes = _cells("B25038", *cells)
    return Variable(
        f"{name}_households_count",
        codes,
        Unit.COUNT,
        high=200_000,
        label=f"Households that {name.replace('_', ' ')}",
        margin=True,
        bureau_labels=tuple(label_estimate(code, moves.first_vintage) for code in codes),
        first_vintage=moves.first_vintage,
        last_vintage=moves.last_vintage,
    )


DATASET = Dataset(
    name="acs5",
    path="acs/acs5",
    vintages=tuple(range(2017, 2025)),
    first_vintage=_FIRST_VINTAGE,
    why_not_earlier="earlier vintages have no tables on the internet",
    tract_year={**dict.fromkeys(range(2010, 2020), 2010), **dict.fromkeys(range(2020, 2030), 2020)},
    variables=(
        _count("population_count", _cells("B01001", 1), "People"),
        _count("under5_count", _cells("B01001", 3, 27), "Children under 5"),
        _count("housing_units_count", _cells("B25001", 1), "Housing units"),
        _count("households_count", _cells("B25003", 1), "Households (occupied housing units)"),
        _count("owner_households_count", _cells("B25003", 2), "Households that own their home"),
        _count("renter_households_count", _cells("B25003", 3), "Households that rent"),
        _count("group_quarters_count", _cells("B26001", 1), "People in group quarters"),
        _count("household_population_count", _cells("B25008", 1), "People in households"),
        _count(
            "single_parent_households_count",
            _cells("B11005", 5),
            "Single parents with children under 18",
        ),
        _count(
            "crowded_households_count",
            _cells("B25014", 5, 6, 7, 11, 12, 13),
            "Households with more than one person per room",
        ),
        _count(
            "large_multi_units_count",
            _cells("B25024", 7, 8, 9),
            "Housing units in buildings of 10 or more",
        ),
        _count(
            "small_multi_units_count",
            _cells("B25024", 4, 5, 6),
            "Housing units in buildings of 2 to 9",
        ),
        _count(
            "householder_under35_count",
            _cells("B25007", 3, 4, 13, 14),
            "Householders aged 15 to 34",
        ),
        _count(
            "householder_65plus_count",
            _cells("B25007", 9, 10, 11, 19, 20, 21),
            "Householders aged 65 and over",
        ),
        Variable(
            "household_income_usd",
            ("B19013_001E",),
            Unit.USD,
            high=1_000_000,
            label="Median household income",
            margin=True,
            bureau_labels=(label_estimate("B19013_001E", _FIRST_VINTAGE),),
        ),
        _count("poverty_universe_count", _cells("B17001", 1), "People with a poverty status"),
        _count("poverty_count", _cells("B17001", 2), "People below the poverty level"),
        _count(
            "twice_poverty_or_more_count",
            _cells("C17002", 8),
            "People at twice the poverty level or above",
        ),
        _count(
            "limited_english_households_spanish_count",
            _cells("C16002", 4),
            "Limited-English households, Spanish",
        ),
        _count(
            "limited_english_households_indo_european_count",
            _cells("C16002", 7),
            "Limited-English households, other Indo-European",
        ),
        _count(
            "limited_english_households_asian_pacific_count",
            _cells("C16002", 10),
            "Limited-English households, Asian and Pacific",
        ),
        _count(
            "limited_english_households_other_count",
            _cells("C16002", 13),
            "Limited-English households, other languages",
        ),
        _count("population_5plus_count", _cells("C16001", 1), "People aged 5 and over"),
        _count(
            "limited_english_spanish_count",
            _cells("C16001", 5),
            "Speak Spanish, English less than very well",
        ),
        _count(
            "limited_english_french_haitian_count",
            _cells("C16001", 8),
            "Speak French, Haitian, or Cajun, English less than very well",
        ),
        _count(
            "limited_english_slavic_count",
            _cells("C16001", 14),
            "Speak Russian, Polish, or another Slavic language, English less than very well",
        ),
        _count(
            "limited_english_korean_count",
            _cells("C16001", 20),
            "Speak Korean, English less than very well",
        ),
        _count(
            "limited_english_chinese_count",
            _cells("C16001", 23),
            "Speak Chinese, English less than very well",
        ),
        _count(
            "limited_english_vietnamese_count",
            _cells("C16001", 26),
            "Speak Vietnamese, English less than very well",
        ),
        _count(
            "limited_english_tagalog_count",
            _cells("C16001", 29),
            "Speak Tagalog, English less than very well",
        ),
        _count(
            "limited_english_arabic_count",
            _cells("C16001", 35),
            "Speak Arabic, English less than very well",
        ),
        _count(
            "limited_english_other_indo_european_count",
            _cells("C16001", 17),
            "Speak another Indo-European language, English less than very well",
        ),
        _count(
            "limited_english_other_asian_count",
            _cells("C16001", 32),
            "Speak another Asian or Pacific language, English less than very well",
        ),
        _count(
            "internet_universe_count", _cells("B28002", 1), "Households asked about the internet"
        ),
        _count(
            "internet_households_count",
            _cells("B28002", 2),
            "Households with an internet subscription",
        ),
        _count(
            "cellular_only_households_count",
            _cells("B28002", 6),
            "Households with a cellular data plan only",
        ),
        _count(
            "fixed_broadband_households_count",
            _cells("B28002", 7),
            "Households with cable, fiber, or DSL",
        ),
        _count(
            "unsubscribed_internet_households_count",
            _cells("B28002", 12),
            "Households with internet but no subscription",
        ),
        _count("offline_households_count", _cells("B28002", 13), "Households without internet"),
        _count("device_universe_count", _cells("B28001", 1), "Households asked about devices"),
        _count(
            "smartphone_only_households_count",
            _cells("B28001", 6),
            "Households whose only device is a smartphone",
        ),
        _count(
            "no_device_households_count",
            _cells("B28001", 11),
            "Households without a computer or smartphone",
        ),
        *_declare_moves(),
    ),
)
