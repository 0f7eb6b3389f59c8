"""Cover target households with pins: circles within a platform's limits.

Candidates are circles around the household center of each target tract, and around the center of
the target households near it, in a few sizes. Platforms use the union of the circles, so a
household in two of them is paid for once. :mod:`geo.cover.circle_search` chooses among the
candidates and proves how far from the best its choice may be.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import csc_array
from scipy.spatial import cKDTree

from geo.cover.circle_search import choose_circles
from geo.cover.covering import Covering, check_reachable
from geo.cover.household_points import HouseholdPoints
from outreach.arrays import Floats, Ints
from outreach.errors import GeographyError
from outreach.phrasing import write_percent
from outreach.spatial import EARTH_KM, place_on_sphere
from outreach.units import UnitKind, name_unit

#: Each size of circle is this many times the one before.
_GROWTH = 1.6
_SIZES = 3
#: A candidate whose center is this close to another of its size, in radii, is the same circle.
_SAME = 0.2
_ROUNDING = 1e-9


@dataclass(frozen=True)
class PinRules:
    """The circles that a platform accepts, from its rules file.

    Parameters
    ----------
    platform
        Its name.
    minimum_km, maximum_km
        Limits of the radius.
    step_km
        Every radius is a multiple of it; 1 mile is 1.609344 km.
    maximum_count
        Most pins in a campaign.
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
                f"The rules for pins of {self.platform} contradict themselves.", "Correct its file."
            )

    def round_up(self, radius_km: float) -> float:
        """Return the next larger radius that the platform accepts, at most its largest."""
        least = np.ceil(max(radius_km, self.minimum_km) / self.step_km - _ROUNDING)
        most = np.floor(self.maximum_km / self.step_km + _ROUNDING)
        return float(min(least, most) * self.step_km)

    def list_radii(self, widest_km: float) -> tuple[float, ...]:
        """Return radii to try: the smallest, two larger ones, and more up to ``widest_km``."""
        radii = [self.minimum_km * _GROWTH**power for power in range(_SIZES)]
        while radii[-1] < min(widest_km, self.maximum_km):
            radii.append(radii[-1] * _GROWTH)
        return tuple(sorted({self.round_up(radius) for radius in radii}))


def cover_with_pins(
    points: HouseholdPoints,
    rules: PinRules,
    requested_share: float,
    worth_households: float = 250.0,
) -> Covering:
    """Choose a few circles that reach the requested coverage for the fewest paid-for households.

    Parameters
    ----------
    points
        Where the households are.
    rules
        Limits of the platform.
    requested_share
        The coverage, 0-1.
    worth_households
        One more circle must save this many paid-for households; a higher number gives fewer and
        larger circles. It is doubled until the platform's ``maximum_count`` is met, and the name
        says so.

    Returns
    -------
    Covering
        ``bound`` is the least *paid-for households + worth x circles* of any choice among the
        candidates.

    Raises
    ------
    GeographyError
        No circles can reach the coverage, or it takes more circles than the platform allows.
    """
    check_reachable(requested_share, points.unreached, points.target_count, "Pins")
    candidates = _propose_circles(points.table, rules)
    inside = _find_inside(points.table, candidates)
    paid, target = (
        points.table[f"{part}households_count"].to_numpy(float) for part in ("", "target_")
    )

    # Households in no candidate are out of reach.
    missed = pd.Series(target * (inside.sum(axis=1) == 0), index=points.table["geoid"])
    missed = missed.groupby(level=0).sum()
    unreached = pd.concat([points.unreached, missed[missed > 0]])
    needed = check_reachable(
        requested_share, unreached, points.target_count, f"The candidate pins of {rules.platform}"
    )

    # Choose circles, as few as the platform allows.
    choice = choose_circles(
        inside,
        _place_on_sphere(points.table),
        paid,
        target,
        needed,
        pd.factorize(points.table["geoid"])[0],
        worth_households,
        rules.maximum_count,
    )
    if len(choice.chosen) > rules.maximum_count:
        raise GeographyError(
            f"{write_percent(requested_share, 1)} of the target households take"
            f" {len(choice.chosen)} pins; {rules.platform} allows {rules.maximum_count}.",
            "Request less coverage, split the area into several campaigns, or use ZIPs.",
        )

    name = f"{rules.platform} pins"
    if choice.worth > worth_households:
        name += f" (each worth {choice.worth:,.0f} households)"
    chosen = list(choice.chosen)
    places = _describe_circles(points.table, candidates.iloc[chosen], inside[:, chosen])
    return Covering(
        kind=UnitKind.PIN,
        name=name,
        places=places,
        target_count=points.target_count,
        bound=choice.bound,
        gap_share=choice.gap_share,
        unreached=unreached,
    )


def _propose_circles(table: pd.DataFrame, rules: PinRules) -> pd.DataFrame:
    """Return candidate circles, the smallest first, without near duplicates.

    Returns
    -------
    DataFrame
        ``latitude``, ``longitude`` (degrees), ``radius_km``.
    """
    table = table[table["target_households_count"] > 0]
    points, weight = _place_on_sphere(table), table["target_households_count"].to_numpy(float)

    # Find the household center of each tract, and how far its households lie from it.
    code, geoids = pd.factorize(table["geoid"], sort=True)
    centers = _average_points(points, weight, code, len(geoids))
    distance_km = np.linalg.norm(points - centers[code], axis=1) * EARTH_KM
    widest_km = float(pd.Series(distance_km).groupby(code).quantile(0.95).max())

    # For each size, add the center of the households near each tract's own.
    tree = cKDTree(points)
    candidates = []
    for radius_km in rules.list_radii(widest_km):
        circle, point = _list_pairs(tree.query_ball_point(centers, _measure_chord(radius_km)))
        shifted = _average_points(points[point], weight[point], circle, len(centers))
        inhabited = np.abs(shifted).sum(axis=1, keepdims=True) > 0
        both = np.concatenate([centers, np.where(inhabited, shifted, centers)])
        both = both[_drop_duplicates(both, _SAME * radius_km / EARTH_KM)]
        candidates.append(
            pd.DataFrame(
                {
                    "latitude": np.degrees(np.arcsin(both[:, 2])),
                    "longitude": np.degrees(np.arctan2(both[:, 1], both[:, 0])),
                    "radius_km": radius_km,
                }
            )
        )

    # Platforms keep six decimals of a degree; the circle that is counted is the one that is bought.
    circles = pd.concat(candidates, ignore_index=True)
    return circles.round({"latitude": 6, "longitude": 6})


def _drop_duplicates(points: Floats, distance: float) -> list[int]:
    """Return the points to keep so that no two are closer than ``distance``; earlier ones stay."""
    dropped = np.zeros(len(points), dtype=bool)
    unique = []
    for number, near in enumerate(cKDTree(points).query_ball_point(points, distance)):
        if not dropped[number]:
            unique.append(number)
            dropped[near] = True
    return unique


def _find_inside(table: pd.DataFrame, circles: pd.DataFrame) -> csc_array:
    """Return which points (rows) lie in which circles (columns), as a matrix of 0 and 1."""
    near = cKDTree(_place_on_sphere(table)).query_ball_point(
        _place_on_sphere(circles),
        _measure_chord(circles["radius_km"].to_numpy(float)),
        return_sorted=True,
    )
    starts = np.concatenate([[0], np.cumsum([len(points) for points in near])])
    point = _list_pairs(near)[1]
    return csc_array((np.ones(len(point)), point, starts), shape=(len(table), len(circles)))


def _list_pairs(near: np.ndarray) -> tuple[Ints, Ints]:
    """Return (circle, point) pairs from the list of points of each circle."""
    circle = np.repeat(np.arange(len(near)), [len(points) for points in near])
    point = np.concatenate([np.asarray(points, dtype=np.intp) for points in near])
    return circle, point


def _describe_circles(
    table: pd.DataFrame, circles: pd.DataFrame, inside: csc_array
) -> pd.DataFrame:
    """Count each household in the nearest circle that holds it, and name the circles.

    Circles are ordered by their target households.
    """
    point, circle = inside.tocoo().coords
    distance = np.linalg.norm(
        _place_on_sphere(table)[point] - _place_on_sphere(circles)[circle], axis=1
    )
    pairs = pd.DataFrame({"point": point, "circle": circle, "distance": distance})
    pairs = pairs.sort_values(["point", "distance", "circle"])
    counts = table.drop(columns=["latitude", "longitude"]).iloc[pairs["point"]]
    counts = counts.assign(
        circle=pairs["circle"].to_numpy(),
        shared=pairs.duplicated("point", keep=False).to_numpy(),
    )

    # The first pair of a point is its nearest circle.
    own = counts[~pairs.duplicated("point").to_numpy()]
    names = [name for name in own if str(name).endswith("_count")]
    places = circles.reset_index(drop=True).join(own.groupby("circle")[names].sum())
    places = places.fillna(dict.fromkeys(names, 0.0))
    shared = counts[counts["shared"]].groupby("circle")["households_count"].sum()
    places["shared_households_count"] = shared.reindex(places.index).fillna(0.0)

    places.insert(0, "label", _label_circles(places, own))
    places = places.sort_values("target_households_count", ascending=False, kind="stable")
    names = [name_unit(UnitKind.PIN, f"{number:03d}") for number in range(1, len(places) + 1)]
    places.index = pd.Index(names, name="place")
    return places


def _label_circles(places: pd.DataFrame, own: pd.DataFrame) -> "pd.Series[str]":
    """Label each circle by its radius and the tract with most of its target households."""
    by_tract = own.groupby(["circle", "geoid"])["target_households_count"].sum().reset_index()
    by_tract = by_tract.sort_values(["target_households_count", "geoid"], ascending=[False, True])
    main = by_tract.drop_duplicates("circle").set_index("circle")["geoid"].reindex(places.index)
    radius = places["radius_km"].map("{:.2f} km around tract ".format)
    return radius + main.fillna("of another pin")


def _place_on_sphere(table: pd.DataFrame) -> Floats:
    """Return points on the unit sphere, shape (points, 3)."""
    latitude, longitude = (table[name].to_numpy(float) for name in ("latitude", "longitude"))
    return place_on_sphere(latitude, longitude)


def _measure_chord(radius_km: Floats | float) -> Floats:
    """Return the straight distance on the unit sphere of a distance on the ground."""
    return np.asarray(2 * np.sin(np.asarray(radius_km) / EARTH_KM / 2))


def _average_points(points: Floats, weight: Floats, group: Ints, count: int) -> Floats:
    """Return the weighted mean of each group of points, on the sphere; 0 for an empty group."""
    sums = np.stack(
        [np.bincount(group, weight * points[:, axis], minlength=count) for axis in range(3)], axis=1
    )
    length = np.linalg.norm(sums, axis=1, keepdims=True)
    mean: Floats = np.divide(sums, length, out=np.zeros_like(sums), where=length > 0)
    return mean
