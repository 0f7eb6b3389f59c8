"""The people of the invented county: neighbourhood factors that vary smoothly in space, and the ACS and planning-database figures they make.

Factors are drawn for every block, so that tracts of either vintage average the same people. A
survey of about one household in seven is then drawn from them; its figures stand under the real API
codes, with margins of error (90 %) of that survey.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from outreach.arrays import Floats, Ints

_SAMPLED = 0.137
_DESIGN_VARIANCE = 9.0
#: Census reference 1.4: an estimate, or its margin, that cannot be computed.
NO_ESTIMATE, NO_MARGIN = -666_666_666, -222_222_222

_TITLES = {
    "B01001": "Sex by age",
    "B02009": "Black or African American alone or in combination with one or more other races",
    "B02010": "American Indian and Alaska Native alone or in combination with one or more other races",
    "B02011": "Asian alone or in combination with one or more other races",
    "B02012": "Native Hawaiian and Other Pacific Islander alone or in combination with one or more other races",
    "B03002": "Hispanic or Latino origin by race",
    "B11005": "Households by presence of people under 18 years",
    "B17001": "Poverty status in the past 12 months by sex by age",
    "B19013": "Median household income in the past 12 months",
    "B25001": "Housing units",
    "B25002": "Occupancy status",
    "B25003": "Tenure",
    "B25007": "Tenure by age of householder",
    "B25008": "Total population in occupied housing units by tenure",
    "B25014": "Tenure by occupants per room",
    "B25024": "Units in structure",
    "B25038": "Tenure by year householder moved into unit",
    "B26001": "Group quarters population",
    "B28001": "Types of computers in household",
    "B28002": "Presence and types of internet subscriptions in household",
    "C16001": "Language spoken at home for the population 5 years and over",
    "C16002": "Household language by household limited English speaking status",
    "C17002": "Ratio of income in the past 12 months to poverty level",
}
_AGES = (
    6.2,
    6.3,
    6.4,
    4.0,
    2.6,
    1.4,
    1.4,
    4.2,
    7.6,
    7.3,
    6.7,
    6.6,
    6.7,
    6.6,
    2.6,
    3.6,
    2.4,
    3.2,
    4.0,
    2.9,
    2.0,
    1.7,
    2.0,
)
_LANGUAGES = (
    "spanish",
    "french",
    "german",
    "slavic",
    "indo",
    "korean",
    "chinese",
    "vietnamese",
    "tagalog",
    "asian",
    "arabic",
    "other",
)
#: As C16002 gathers them: Spanish, other Indo-European, Asian and Pacific Island, other.
_LANGUAGE_GROUPS = (
    ("spanish",),
    ("french", "german", "slavic", "indo"),
    ("korean", "chinese", "vietnamese", "tagalog", "asian"),
    ("arabic", "other"),
)

#: ACS cell of each group to its usual share (logit), how it goes with poverty and with language,
#: and how much it varies beside these.
_GROUPS = {
    "B02009_001": (-1.6, 0.5, 0.0, 1.0),
    "B02010_001": (-4.6, 0.1, 0.1, 0.4),
    "B02011_001": (-2.8, -0.2, 0.5, 0.9),
    "B02012_001": (-6.5, 0.1, 0.1, 0.4),
    "B03002_012": (-1.9, 0.2, 1.0, 0.7),
}


@dataclass(frozen=True)
class People:
    """Factors and shares by area (a row is a block or tract): ``households`` and ``housing`` are counts, all else is a factor or a 0-1 share."""

    table: pd.DataFrame

    def gather(self, areas: "pd.Series[str]") -> "People":
        """Average blocks over the areas that hold them, weighted by households; areas without any get a plain mean."""
        counts = ["housing", "households"]
        weight = self.table["households"] + 1e-9
        means = (
            self.table.drop(columns=counts)
            .mul(weight, axis=0)
            .groupby(areas)
            .sum()
            .div(weight.groupby(areas).sum(), axis=0)
        )
        return People(means.join(self.table[counts].groupby(areas).sum()).sort_index())


def settle_people(blocks: pd.DataFrame, rng: np.random.Generator) -> People:
    """Draw who lives in each block."""
    place = blocks[["x", "y"]].to_numpy()
    tract = pd.factorize(blocks["tract20"])[0]

    def wave(reach_m: float, rough: float) -> Floats:
        turns = rng.normal(0, 1 / reach_m, (2, 40))
        smooth = np.cos(place @ turns + rng.uniform(0, 2 * np.pi, 40)).sum(axis=1) * np.sqrt(2 / 40)
        return np.asarray(
            smooth * np.sqrt(1 - rough) + rng.normal(0, np.sqrt(rough), tract.max() + 1)[tract]
        )

    urban = np.clip(1.6 - np.hypot(place[:, 0], place[:, 1]) / 7_500, -1.3, 1.6)
    poverty = 0.85 * wave(5_500, 0.15) + 0.30 * urban
    renter = 0.70 * urban + 0.45 * poverty + 0.45 * wave(3_500, 0.4)
    language = 0.85 * wave(4_500, 0.1) + 0.25 * poverty
    old = wave(4_000, 0.4) - 0.35 * urban
    table = pd.DataFrame(
        {"poverty": poverty, "renter": renter, "language": language, "old": old}, index=blocks.index
    )
    table["unexplained"] = wave(3_000, 0.5)
    table["renter_share"] = _squash(-0.65 + 0.95 * renter)
    table["poverty_share"] = _squash(-1.95 + 0.75 * poverty)
    table["limited_english_share"] = _squash(-2.9 + 1.15 * language)
    table["offline_share"] = _squash(-2.0 + 0.75 * poverty + 0.15 * old)
    table["smartphone_only_share"] = _squash(-2.4 + 0.6 * poverty)
    table["crowded_share"] = _squash(-3.5 + 0.5 * poverty + 0.45 * language)
    table["mover_share"] = _squash(-1.5 + 0.6 * renter - 0.2 * old)
    table["old_share"] = _squash(-1.25 + 0.35 * old)
    table["large_building_share"] = _squash(-2.1 + 1.3 * urban + 0.4 * renter)
    table["single_parent_share"] = _squash(-2.5 + 0.55 * poverty)
    table["vacant_share"] = _squash(-2.5 + 0.4 * poverty)
    table["income_usd"] = np.exp(11.05 - 0.36 * poverty - 0.08 * renter)
    table["household_size"] = np.clip(2.55 + 0.25 * language - 0.30 * urban, 1.3, 4.5)
    for name, usual in zip(
        _LANGUAGES, (6, 0.6, 0.2, 1.2, 1.0, 0.5, 1.0, 0.5, 0.5, 0.5, 0.6, 0.6), strict=True
    ):
        table[f"speaks_{name}"] = usual * np.exp(1.3 * wave(4_000, 0.1))
    # What a group answers follows from its factors alone: given these, belonging to it changes
    # nothing.
    for code, (usual, poor, foreign, own) in _GROUPS.items():
        table[f"group_{code}"] = _squash(
            usual + poor * poverty + foreign * language + own * wave(4_500, 0.2)
        )
    table["housing"] = blocks["housing"]
    table["households"] = (blocks["housing"] * (1 - table["vacant_share"])).round()
    return People(table)


def _squash(x: Floats) -> Floats:
    """Return the logistic function, factor to share."""
    return np.asarray(1 / (1 + np.exp(-x)))


@dataclass
class _Sheet:
    """Estimates and margins of one survey, by code without its ending (``B25003_001``)."""

    rng: np.random.Generator
    estimates: dict[str, Ints] = field(default_factory=dict)
    margins: dict[str, Ints] = field(default_factory=dict)

    def put(self, code: str, estimate: Ints, universe: Ints) -> None:
        """Enter one count with the margin that a survey of this size has."""
        share = estimate / np.maximum(universe, 1)
        variance = _DESIGN_VARIANCE * np.maximum(estimate * (1 - np.minimum(share, 0.97)), 4.0)
        self.estimates[code] = estimate
        self.margins[code] = (1.645 * np.sqrt(variance)).round().astype(np.int64)

    def split(
        self,
        table: str,
        total: Ints,
        leaves: Mapping[int, Floats | float],
        sums: Mapping[int, Sequence[int]],
    ) -> None:
        """Share a total among the cells of a table as a sample would find it; ``sums`` are cells that add up others, leaves or earlier sums."""
        share = np.column_stack(
            [np.broadcast_to(part, total.shape) for part in leaves.values()]
        ).astype(float)
        share /= share.sum(axis=1, keepdims=True)
        sampled = np.maximum((total * _SAMPLED).astype(np.int64), 1)
        found = self.rng.multinomial(sampled, share) / sampled[:, None]
        ends = np.round(np.cumsum(found, axis=1) * total[:, None]).astype(np.int64)
        cells = dict(zip(leaves, np.diff(ends, axis=1, prepend=0).T, strict=True))
        for number, members in sums.items():
            cells[number] = np.sum([cells[member] for member in members], axis=0)
        for number, count in cells.items():
            self.put(f"{table}_{number:03d}", count, total)


def survey(people: People, rng: np.random.Generator) -> pd.DataFrame:
    """Ask the people: every cell of the served ACS tables by area, ``...E`` estimates and ``...M`` margins (counts, US dollars)."""
    table = people.table
    sheet = _Sheet(rng)
    share: dict[str, Floats] = {str(name): column.to_numpy() for name, column in table.items()}
    noise = rng.normal(1, 0.03, len(table))
    housing = np.round(share["housing"] * noise).astype(np.int64)
    sheet.put("B25001_001", housing, housing)
    sheet.split(
        "B25002", housing, {2: 1 - share["vacant_share"], 3: share["vacant_share"]}, {1: (2, 3)}
    )
    homes = sheet.estimates["B25002_002"]
    sheet.split(
        "B25003", homes, {2: 1 - share["renter_share"], 3: share["renter_share"]}, {1: (2, 3)}
    )
    _ask_tenures(sheet, share, homes)
    _ask_homes(sheet, share, housing, homes)
    _ask_tongues(sheet, share, homes)
    _ask_people(sheet, share, homes)
    income = np.round(share["income_usd"] * rng.normal(1, 0.09, len(table)), -1).astype(np.int64)
    sheet.estimates["B19013_001"] = np.where(homes > 0, income, NO_ESTIMATE)
    sheet.margins["B19013_001"] = np.where(
        homes > 0, (0.15 * income).round().astype(np.int64), NO_MARGIN
    )
    _ask_groups(sheet, share, rng.spawn(1)[0])
    _ask_incomes(_Sheet(rng.spawn(1)[0], sheet.estimates, sheet.margins), share)
    columns = {f"{code}E": values for code, values in sheet.estimates.items()}
    columns |= {f"{code}M": values for code, values in sheet.margins.items()}
    return pd.DataFrame(columns, index=table.index)[sorted(columns)]


def _ask_tenures(sheet: _Sheet, share: Mapping[str, Floats], homes: Ints) -> None:
    """Fill the tables that tell owners from renters: occupants per room, age of householder, year moved in."""
    old = share["old_share"]
    for tenure, crowding, youth, moving, first in (
        ("002", 0.7, 0.35, 0.5, (2, 2, 2)),
        ("003", 1.5, 1.2, 1.4, (8, 12, 9)),
    ):
        total = sheet.estimates[f"B25003_{tenure}"]
        crowd, young, new = (
            crowding * share["crowded_share"],
            youth * share["mover_share"],
            moving * share["mover_share"],
        )
        middle, settled = np.maximum(1 - old - young, 0.05), np.maximum(1 - new, 0.05)
        tables: tuple[tuple[str, int, list[Floats]], ...] = (
            (
                "B25014",
                first[0],
                [0.6 * (1 - crowd), 0.4 * (1 - crowd), 0.7 * crowd, 0.2 * crowd, 0.1 * crowd],
            ),
            (
                "B25007",
                first[1],
                [
                    *(part * young for part in (0.15, 0.85)),
                    *(part * middle for part in (0.3, 0.35, 0.18, 0.17)),
                    *(part * old for part in (0.55, 0.3, 0.15)),
                ],
            ),
            (
                "B25038",
                first[2],
                [0.2 * new, 0.8 * new, *(part * settled for part in (0.32, 0.33, 0.2, 0.15))],
            ),
        )
        for table, at, parts in tables:
            cells = {at + 1 + number: part for number, part in enumerate(parts)}
            sheet.split(table, total, cells, {at: tuple(cells)})
    for table, second in (("B25014", 8), ("B25007", 12), ("B25038", 9)):
        sheet.put(
            f"{table}_001",
            sheet.estimates[f"{table}_002"] + sheet.estimates[f"{table}_{second:03d}"],
            homes,
        )


def _ask_homes(sheet: _Sheet, share: Mapping[str, Floats], housing: Ints, homes: Ints) -> None:
    """Fill the tables about buildings, the internet, devices and families; cell 99 is what no single cell of a table holds."""
    large = share["large_building_share"]
    small, rest = 0.22 * (1 - large), 0.78 * (1 - large)
    buildings = {
        2: 0.86 * rest,
        3: 0.12 * rest,
        4: 0.4 * small,
        5: 0.35 * small,
        6: 0.25 * small,
        7: 0.35 * large,
    }
    buildings |= {8: 0.3 * large, 9: 0.35 * large, 10: 0.015 * rest, 11: 0.005 * rest}
    sheet.split("B25024", housing, buildings, {1: tuple(range(2, 12))})
    offline, alone = share["offline_share"], share["smartphone_only_share"]
    mobile = np.minimum(0.05 + 1.1 * alone, 0.6)
    online: dict[int, Floats | float] = {
        3: 0.003,
        6: mobile,
        8: 0.18 * (1 - mobile),
        10: 0.02,
        11: 0.002,
        12: 0.04,
    }
    online[99] = 0.76 * (1 - mobile)
    cells = {number: part * (1 - offline) for number, part in online.items()} | {13: offline}
    sums = {5: (6, 99), 7: (8, 99), 9: (10,), 4: (6, 8, 10, 99), 2: (3, 4, 11), 1: (2, 12, 13)}
    sheet.split("B28002", homes, cells, sums)
    none = 0.75 * offline
    devices: dict[int, Floats | float] = {
        4: 0.06 * (1 - none),
        6: alone,
        8: 0.01,
        10: 0.003,
        11: none,
    }
    devices[99] = np.maximum(0.9 - none - alone, 0.1)
    sums = {3: (4, 99), 5: (6, 99), 7: (8, 99), 9: (10,), 2: (4, 6, 8, 10, 99), 1: (2, 11)}
    sheet.split("B28001", homes, devices, sums)
    for code in ("B28001_099", "B28002_099"):
        del sheet.estimates[code], sheet.margins[code]
    single = share["single_parent_share"]
    families: dict[int, Floats | float] = {
        4: 0.22 * (1 - single),
        6: 0.25 * single,
        7: 0.75 * single,
        8: 0.005,
    }
    families[11] = 0.75 * (1 - single)
    sheet.split("B11005", homes, families, {5: (6, 7), 3: (4, 5), 2: (3, 8), 1: (2, 11)})


def _ask_tongues(sheet: _Sheet, share: Mapping[str, Floats], homes: Ints) -> None:
    """Fill the table of household languages."""
    limited = share["limited_english_share"]
    weights = [
        np.sum([share[f"speaks_{name}"] for name in group], axis=0) for group in _LANGUAGE_GROUPS
    ]
    every = np.sum(weights, axis=0)
    cells: dict[int, Floats | float] = {2: np.maximum(1 - 3.2 * limited, 0.03)}
    for number, weight in enumerate(weights):
        part = limited * weight / every
        cells |= {4 + 3 * number: part, 5 + 3 * number: 2.2 * part}
    sums = {3 * number: (3 * number + 1, 3 * number + 2) for number in range(1, 5)} | {
        1: (2, 3, 6, 9, 12)
    }
    sheet.split("C16002", homes, cells, sums)


def _ask_people(sheet: _Sheet, share: Mapping[str, Floats], homes: Ints) -> None:
    """Fill the tables about persons."""
    residents = np.round(homes * share["household_size"]).astype(np.int64)
    renters = share["renter_share"] * 0.94
    sheet.split("B25008", residents, {2: 1 - renters, 3: renters}, {1: (2, 3)})
    quarters = np.where(homes > 0, np.round(sheet.rng.pareto(1.6, len(homes)) * 9), 0).astype(
        np.int64
    )
    quarters = np.minimum(quarters, 4_000)
    everyone = residents + quarters
    sheet.put("B26001_001", quarters, everyone)
    ages = np.array(_AGES)
    tilt = np.linspace(-1, 1, len(ages))
    profile = ages * np.exp((share["old_share"][:, None] - 0.23) * 2.5 * tilt)
    sexes = {3 + n: profile[:, n] for n in range(23)} | {
        27 + n: profile[:, n] * 1.03 for n in range(23)
    }
    sheet.split(
        "B01001", everyone, sexes, {2: tuple(range(3, 26)), 26: tuple(range(27, 50)), 1: (2, 26)}
    )
    poor = share["poverty_share"]
    sheet.split("B17001", residents, {2: poor, 31: 1 - poor}, {1: (2, 31)})
    grown = everyone - sheet.estimates["B01001_003"] - sheet.estimates["B01001_027"]
    limited = np.minimum(1.25 * share["limited_english_share"], 0.6)
    every = np.sum([share[f"speaks_{name}"] for name in _LANGUAGES], axis=0)
    tongues: dict[int, Floats | float] = {2: np.maximum(1 - 2.4 * limited, 0.03)}
    sums: dict[int, Sequence[int]] = {}
    for n, name in enumerate(_LANGUAGES):
        part, first = limited * share[f"speaks_{name}"] / every, 3 + 3 * n
        tongues |= {first + 1: 1.4 * part, first + 2: part}
        sums[first] = (first + 1, first + 2)
    sheet.split("C16001", grown, tongues, sums | {1: (2, *sums)})


def _ask_groups(sheet: _Sheet, share: Mapping[str, Floats], rng: np.random.Generator) -> None:
    """Fill the tables about race and origin, from chance of their own so that no other table depends on them."""
    everyone = sheet.estimates["B01001_001"]
    asked = np.maximum((everyone * _SAMPLED).astype(np.int64), 1)
    for code in _GROUPS:
        found = rng.binomial(asked, share[f"group_{code}"]) / asked
        sheet.put(code, np.round(found * everyone).astype(np.int64), everyone)
    sheet.put("B03002_001", everyone, everyone)


def _ask_incomes(sheet: _Sheet, share: Mapping[str, Floats]) -> None:
    """Fill the table of income over the poverty level, in keeping with the table of poverty."""
    poor, others = sheet.estimates["B17001_002"], sheet.estimates["B17001_031"]
    near = np.clip(0.08 + 0.9 * share["poverty_share"], 0.02, 0.9)
    sheet.split("C17002", poor, {2: 0.45, 3: 0.55}, {})
    above: dict[int, Floats | float] = {
        4: 0.27 * near,
        5: 0.26 * near,
        6: 0.33 * near,
        7: 0.14 * near,
        8: 1 - near,
    }
    sheet.split("C17002", others, above, {})
    sheet.put("C17002_001", sheet.estimates["B17001_001"], sheet.estimates["B17001_001"])


def label(code: str) -> str:
    """Return a label for an ACS code, in the manner of ``variables.json`` but shorter."""
    table, cell = code.split("_")
    kind = "Estimate" if code.endswith("E") else "Margin of Error"
    return f"{kind}!!{_TITLES[table]}!!" + ("Total" if cell[:3] == "001" else f"cell {cell[:3]}")
