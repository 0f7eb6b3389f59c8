"""Packs pins: few circles, within a platform's bounds, that reach a wished share of the target households for the fewest paid-for ones.

Candidates are circles around the household centre of each target tract, and around the centre of
the target households near it, in a few sizes. Platforms take the union of the circles, so a
household in two of them is paid for once. :mod:`geo.cover.circle_search` chooses among the
candidates and proves how far from the best its choice may be.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.sparse import csc_array
from scipy.spatial import cKDTree

from geo.cover.circle_search import Cover, cover_target
from geo.cover.covering import Covering, check_reachable
from geo.cover.household_points import HouseholdPoints
from outreach.arrays import Floats
from outreach.errors import GeographyError
from outreach.spatial import EARTH_KM, place_on_sphere
from outreach.units import UnitKind, name_unit

#: Mean radius of the Earth (IUGG).
#: Each size of circle is so many times the one before.
_GROWTH = 1.6
_SIZES = 3
#: A candidate whose centre lies so near to another of its size, in radii, is the same circle.
_SAME = 0.2
_ROUNDING = 1e-9


@dataclass(frozen=True)
class PinRules:
    """What circles a platform takes; from its file of rules.

    Parameters
    ----------
    platform
        Its name.
    minimum_km, maximum_km
        Bounds of the radius.
    step_km
        Every radius is a multiple of it: 1 mile is 1.609344 km.
    maximum_count
        Most pins a campaign may hold.
    """

    platform: str
    minimum_km: float
    maximum_km: float
    step_km: float
    maximum_count: int

    def __post_init__(self) -> None:
        if (
            not 0 < self.minimum_km <= self.maximum_km
            or not self.step_km > 0
            or self.maximum_count < 1
        ):
            raise GeographyError(
                f"The rules for pins of {self.platform} contradict themselves.", "Mend its file."
            )

    def round_up(self, radius_km: float) -> float:
        """Return the smallest radius that the platform takes and that is no smaller, or its largest."""
        least = np.ceil(max(radius_km, self.minimum_km) / self.step_km - _ROUNDING)
        most = np.floor(self.maximum_km / self.step_km + _ROUNDING)
        return float(min(least, most) * self.step_km)

    def sizes_km(self, widest_km: float) -> tuple[float, ...]:
        """Return the radii worth trying: the smallest and two larger, and on until a circle of ``widest_km`` is among them."""
        wanted = [self.minimum_km * _GROWTH**power for power in range(_SIZES)]
        while wanted[-1] < min(widest_km, self.maximum_km):
            wanted.append(wanted[-1] * _GROWTH)
        return tuple(sorted({self.round_up(radius) for radius in wanted}))


def cover_with_pins(
    spots: HouseholdPoints, rules: PinRules, requested_share: float, worth_households: float = 250.0
) -> Covering:
    """Choose the circles that reach the wished coverage for the fewest paid-for households, and few of them.

    Parameters
    ----------
    spots
        Where the households are.
    rules
        Bounds of the platform.
    worth_households
        One circle more must save so many paid-for households; more of it gives fewer and larger
        circles. It is doubled, and the name says so, until the platform's ``maximum_count`` is
        kept.

    Returns
    -------
    Covering
        ``bound`` is the least of *paid-for households + worth x circles* that any choice among the
        candidates can have.

    Raises
    ------
    GeographyError
        No circle can reach so much, or it takes more circles than the platform allows.
    """
    check_reachable(requested_share, spots.unreached, spots.target_count, "Pins")
    candidates = _propose(spots, rules)
    inside = _find_inside(spots.table, candidates)
    paid, target = (
        spots.table[f"{part}households_count"].to_numpy(float) for part in ("", "target_")
    )
    missed = (
        pd.Series(target * (inside.sum(axis=1) == 0), index=spots.table["geoid"])
        .groupby(level=0)
        .sum()
    )
    unreached = pd.concat([spots.unreached, missed[missed > 0]])
    needed = check_reachable(
        requested_share, unreached, spots.target_count, f"The candidate pins of {rules.platform}"
    )
    tract = pd.factorize(spots.table["geoid"])[0]
    places = _to_sphere(spots.table)
    cover = cover_target(
        inside, places, paid, target, needed, tract, worth_households, rules.maximum_count
    )
    if len(cover.chosen) > rules.maximum_count:
        raise GeographyError(
            f"{requested_share:.1%} of the target households take {len(cover.chosen)} pins; {rules.platform} takes {rules.maximum_count}.",
            "Wish for less coverage, split the area into several campaigns, or use ZIPs.",
        )
    name = f"{rules.platform} pins"
    name += f" (each worth {cover.worth:,.0f} households)" if cover.worth > worth_households else ""
    circles = _describe(
        spots.table, candidates.iloc[list(cover.chosen)], inside[:, list(cover.chosen)]
    )
    return _pack(name, circles, spots.target_count, cover, unreached)


def count_pins(covering: Covering, spots: HouseholdPoints) -> Covering:
    """Count the same circles over other points, such as blocks or a finer grid; nothing is proven of it."""
    inside = _find_inside(spots.table, covering.places)
    circles = covering.places[["latitude", "longitude", "radius_km"]]
    places = _describe(spots.table, circles, inside)
    return replace(covering, places=places, bound=float("nan"), gap_share=float("nan"))


def _propose(spots: HouseholdPoints, rules: PinRules) -> pd.DataFrame:
    """Return candidate circles: ``latitude``, ``longitude``, ``radius_km``; the smallest first, near doubles left out."""
    table = spots.table[spots.table["target_households_count"] > 0]
    points, weight = _to_sphere(table), table["target_households_count"].to_numpy(float)
    code, geoids = pd.factorize(table["geoid"], sort=True)
    centres = _mean_of(points, weight, code, len(geoids))
    away = np.linalg.norm(points - centres[code], axis=1) * EARTH_KM
    widest = float(pd.Series(away).groupby(code).quantile(0.95).max())
    tree = cKDTree(points)
    found = []
    for radius in rules.sizes_km(widest):
        near = tree.query_ball_point(centres, _chord(radius))
        of = np.repeat(np.arange(len(near)), [len(each) for each in near])
        at = np.concatenate([np.asarray(each, dtype=np.intp) for each in near])
        shifted = _mean_of(points[at], weight[at], of, len(near))
        both = np.concatenate(
            [centres, np.where(np.abs(shifted).sum(axis=1, keepdims=True) > 0, shifted, centres)]
        )
        both = both[_thin(both, _SAME * radius / EARTH_KM)]
        latitude, longitude = (
            np.degrees(np.arcsin(both[:, 2])),
            np.degrees(np.arctan2(both[:, 1], both[:, 0])),
        )
        found.append(
            pd.DataFrame({"latitude": latitude, "longitude": longitude, "radius_km": radius})
        )
    # Platforms keep six decimals of a degree, so the circle that is counted is the one that is
    # bought.
    return pd.concat(found, ignore_index=True).round({"latitude": 6, "longitude": 6})


def _thin(points: Floats, distance: float) -> list[int]:
    """Return the points to keep so that no two are nearer than ``distance``, the first ones staying."""
    gone = np.zeros(len(points), dtype=bool)
    kept = []
    for at, near in enumerate(cKDTree(points).query_ball_point(points, distance)):
        if not gone[at]:
            kept.append(at)
            gone[near] = True
    return kept


def _find_inside(table: pd.DataFrame, circles: pd.DataFrame) -> csc_array:
    """Return which points lie in which circles, as a matrix of 0 and 1."""
    near = cKDTree(_to_sphere(table)).query_ball_point(
        _to_sphere(circles), _chord(circles["radius_km"].to_numpy(float)), return_sorted=True
    )
    starts = np.concatenate([[0], np.cumsum([len(each) for each in near])])
    at = np.concatenate([np.asarray(each, dtype=np.intp) for each in near])
    return csc_array((np.ones(len(at)), at, starts), shape=(len(table), len(circles)))


def _describe(table: pd.DataFrame, circles: pd.DataFrame, inside: csc_array) -> pd.DataFrame:
    """Count each household in the nearest circle that holds it, and name the circles in the order of their target households."""
    spot, circle = inside.tocoo().coords
    points, centres = _to_sphere(table), _to_sphere(circles)
    pairs = pd.DataFrame({"spot": spot, "circle": circle})
    pairs["away"] = np.linalg.norm(points[spot] - centres[circle], axis=1)
    pairs = pairs.sort_values(["spot", "away", "circle"])
    pairs["shared"] = pairs.duplicated("spot", keep=False)
    counts = (
        table.drop(columns=["latitude", "longitude"]).iloc[pairs["spot"]].reset_index(drop=True)
    )
    counts["circle"], counts["shared"] = pairs["circle"].to_numpy(), pairs["shared"].to_numpy()
    own = counts[~pairs.duplicated("spot").to_numpy()]
    names = [name for name in own if str(name).endswith("_count")]
    places = (
        circles.reset_index(drop=True)
        .join(own.groupby("circle")[names].sum())
        .fillna(dict.fromkeys(names, 0.0))
    )
    shared = counts[counts["shared"]].groupby("circle")["households_count"].sum()
    places["shared_households_count"] = shared.reindex(places.index).fillna(0.0)
    by_tract = own.groupby(["circle", "geoid"])["target_households_count"].sum().reset_index()
    by_tract = by_tract.sort_values(["target_households_count", "geoid"], ascending=[False, True])
    main = by_tract.drop_duplicates("circle")
    tract = main.set_index("circle")["geoid"].reindex(places.index)
    radius = places["radius_km"].map("{:.2f} km around tract ".format)
    places.insert(0, "label", radius + tract.fillna("of another pin"))
    places = places.sort_values("target_households_count", ascending=False, kind="stable")
    places.index = pd.Index(
        [name_unit(UnitKind.PIN, f"{number:03d}") for number in range(1, len(places) + 1)],
        name="place",
    )
    return places


def _pack(
    name: str,
    places: pd.DataFrame,
    target_count: float,
    cover: Cover,
    unreached: "pd.Series[float]",
) -> Covering:
    return Covering(
        UnitKind.PIN, name, places, target_count, cover.bound, cover.gap_share, unreached
    )


def _to_sphere(table: pd.DataFrame) -> Floats:
    """Return points on the unit sphere, where the distance between two grows with that on the ground."""
    return place_on_sphere(table["latitude"].to_numpy(float), table["longitude"].to_numpy(float))


def _chord(radius_km: Floats | float) -> Floats:
    """Return the straight distance on the unit sphere of a distance on the ground."""
    return np.asarray(2 * np.sin(np.asarray(radius_km) / EARTH_KM / 2))


def _mean_of(points: Floats, weight: Floats, group: np.ndarray, count: int) -> Floats:
    """Return the weighted middle of each group of points, back on the sphere; 0 where a group is empty."""
    sums = np.stack(
        [np.bincount(group, weight * points[:, axis], minlength=count) for axis in range(3)], axis=1
    )
    length = np.linalg.norm(sums, axis=1, keepdims=True)
    middle: Floats = np.divide(sums, length, out=np.zeros_like(sums), where=length > 0)
    return middle
