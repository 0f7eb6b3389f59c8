"""Survey the invented persons: languages, ages, poverty, race, and origin."""

from collections.abc import Mapping

import numpy as np

from outreach.arrays import Floats, Ints
from outreach.sandbox.county.people import GROUPS, LANGUAGES
from outreach.sandbox.county.sheet import SAMPLED_SHARE, Cells, Sums, SurveySheet

#: The groups of table C16002: Spanish, other Indo-European, Asian and Pacific Island, other.
_LANGUAGE_GROUPS = (
    ("spanish",),
    ("french", "german", "slavic", "indo"),
    ("korean", "chinese", "vietnamese", "tagalog", "asian"),
    ("arabic", "other"),
)

#: Percentage of people in each age group of table B01001.
_AGES = np.fromstring(
    "6.2 6.3 6.4 4.0 2.6 1.4 1.4 4.2 7.6 7.3 6.7 6.6 6.7 6.6 2.6 3.6 2.4 3.2 4.0 2.9 2.0 1.7 2.0",
    sep=" ",
)
_MOST_IN_GROUP_QUARTERS = 4_000


def fill_household_languages(sheet: SurveySheet, share: Mapping[str, Floats], homes: Ints) -> None:
    """Fill the table of household languages."""
    limited = share["limited_english_share"]
    weights = [
        np.sum([share[f"speaks_{name}"] for name in group], axis=0) for group in _LANGUAGE_GROUPS
    ]
    total = np.sum(weights, axis=0)
    cells: Cells = {2: np.maximum(1 - 3.2 * limited, 0.03)}
    for number, weight in enumerate(weights):
        part = limited * weight / total
        cells |= {4 + 3 * number: part, 5 + 3 * number: 2.2 * part}
    sums: Sums = {3 * number: (3 * number + 1, 3 * number + 2) for number in range(1, 5)}
    sheet.split_total("C16002", homes, cells, sums | {1: (2, 3, 6, 9, 12)})


def fill_persons(sheet: SurveySheet, share: Mapping[str, Floats], homes: Ints) -> None:
    """Fill the tables about persons: tenure, group quarters, age, poverty, and language."""
    residents = np.round(homes * share["household_size"]).astype(np.int64)
    renters = share["renter_share"] * 0.94
    sheet.split_total("B25008", residents, {2: 1 - renters, 3: renters}, {1: (2, 3)})

    sizes = np.round(sheet.rng.pareto(1.6, len(homes)) * 9)
    quarters = np.where(homes > 0, sizes, 0).astype(np.int64)
    quarters = np.minimum(quarters, _MOST_IN_GROUP_QUARTERS)
    everyone = residents + quarters
    sheet.add_count("B26001_001", quarters, everyone)

    tilt = np.linspace(-1, 1, len(_AGES))
    profile = _AGES * np.exp((share["old_share"][:, None] - 0.23) * 2.5 * tilt)
    sexes: Cells = {3 + number: profile[:, number] for number in range(len(_AGES))}
    sexes |= {27 + number: profile[:, number] * 1.03 for number in range(len(_AGES))}
    sums: Sums = {2: tuple(range(3, 26)), 26: tuple(range(27, 50)), 1: (2, 26)}
    sheet.split_total("B01001", everyone, sexes, sums)

    poor = share["poverty_share"]
    sheet.split_total("B17001", residents, {2: poor, 31: 1 - poor}, {1: (2, 31)})
    _fill_spoken_languages(sheet, share, everyone)


def _fill_spoken_languages(sheet: SurveySheet, share: Mapping[str, Floats], everyone: Ints) -> None:
    """Fill the table of languages that people aged 5 and over speak."""
    children = sheet.estimates["B01001_003"] + sheet.estimates["B01001_027"]
    limited = np.minimum(1.25 * share["limited_english_share"], 0.6)
    total = np.sum([share[f"speaks_{name}"] for name in LANGUAGES], axis=0)
    cells: Cells = {2: np.maximum(1 - 2.4 * limited, 0.03)}
    sums: Sums = {}
    for number, name in enumerate(LANGUAGES):
        part, first = limited * share[f"speaks_{name}"] / total, 3 + 3 * number
        cells |= {first + 1: 1.4 * part, first + 2: part}
        sums[first] = (first + 1, first + 2)
    sheet.split_total("C16001", everyone - children, cells, sums | {1: (2, *sums)})


def fill_groups(sheet: SurveySheet, share: Mapping[str, Floats], rng: np.random.Generator) -> None:
    """Fill the tables about race and origin."""
    everyone = sheet.estimates["B01001_001"]
    sampled = np.maximum((everyone * SAMPLED_SHARE).astype(np.int64), 1)
    for code in GROUPS:
        sample = rng.binomial(sampled, share[f"group_{code}"]) / sampled
        sheet.add_count(code, np.round(sample * everyone).astype(np.int64), everyone)
    sheet.add_count("B03002_001", everyone, everyone)


def fill_incomes(sheet: SurveySheet, share: Mapping[str, Floats]) -> None:
    """Fill the table of income to poverty level, consistent with the table of poverty."""
    poor, others = sheet.estimates["B17001_002"], sheet.estimates["B17001_031"]
    sheet.split_total("C17002", poor, {2: 0.45, 3: 0.55}, {})
    near = np.clip(0.08 + 0.9 * share["poverty_share"], 0.02, 0.9)
    above: Cells = {
        4: 0.27 * near,
        5: 0.26 * near,
        6: 0.33 * near,
        7: 0.14 * near,
        8: 1 - near,
    }
    sheet.split_total("C17002", others, above, {})
    everyone = sheet.estimates["B17001_001"]
    sheet.add_count("C17002_001", everyone, everyone)
