"""Project, divide, and simplify shapes on the ground."""

import geopandas as gpd
import numpy as np
import shapely

from outreach.arrays import Floats, Ints

#: Mean radius of the earth, kilometers.
EARTH_KM = 6371.0088
_TURN, _HALF_TURN = 360.0, 180.0


def project_locally(latitude: float, longitude: float) -> str:
    """Name an equal-area projection in meters around a point.

    Parameters
    ----------
    latitude, longitude
        Degrees, WGS 84.

    Returns
    -------
    str
        Lambert azimuthal equal-area, as a PROJ string. Over a county distances are right to about
        one part in 10,000.
    """
    return f"+proj=laea +lat_0={latitude:.4f} +lon_0={longitude:.4f} +datum=WGS84 +units=m"


def center_projection(shapes: "gpd.GeoSeries | gpd.GeoDataFrame") -> str:
    """Name an equal-area projection in meters around the middle of shapes.

    Parameters
    ----------
    shapes
        EPSG:4326; the middle is that of their bounding box, which may cross the date line.
    """
    _, south, _, north = shapes.total_bounds
    return project_locally((south + north) / 2, _find_middle(shapes))


def _find_middle(shapes: "gpd.GeoSeries | gpd.GeoDataFrame") -> float:
    """Return the longitude in the middle of shapes: opposite the middle of their widest gap."""
    parts = shapely.bounds(shapely.get_parts(shapes.geometry.to_numpy()))
    parts = parts[np.isfinite(parts[:, 0])]
    if not len(parts):
        return float("nan")
    parts = parts[np.argsort(parts[:, 0], kind="stable")]
    west, east = parts[:, 0], np.maximum.accumulate(parts[:, 2])

    # Each gap begins where all parts so far end; the last one goes round the earth.
    gaps = np.append(west[1:] - east[:-1], west[0] + _TURN - east[-1])
    widest = int(gaps.argmax())
    if widest == len(gaps) - 1:
        return float((west[0] + east[-1]) / 2)
    middle = float((west[widest + 1] + east[widest] + _TURN) / 2)
    return middle - _TURN if middle > _HALF_TURN else middle


def place_on_sphere(latitude: Floats, longitude: Floats, radius: float = 1.0) -> Floats:
    """Place points on a sphere, where straight distance grows with distance on the ground.

    Parameters
    ----------
    latitude, longitude
        Degrees, shape (points,).
    radius
        Radius of the sphere; :data:`EARTH_KM` gives kilometers.

    Returns
    -------
    array
        Shape (points, 3).
    """
    phi, theta = np.radians(latitude), np.radians(longitude)
    across = radius * np.cos(phi)
    points: Floats = np.stack(
        [across * np.cos(theta), across * np.sin(theta), radius * np.sin(phi)], axis=1
    )
    return points


def divide_space(position: Floats, parts: int) -> Ints:
    """Cut points into a number of compact parts of equal size.

    Each part is halved across its longer side until there are enough. The same points are always
    cut in the same way.

    Parameters
    ----------
    position
        Shape (points, coordinates).
    parts
        How many; fewer where there are fewer points.

    Returns
    -------
    array
        The part of each point, 0 to parts - 1. Parts with close numbers lie close to each other.
    """
    part = np.zeros(len(position), dtype=np.int64)
    queue = [(np.arange(len(position)), max(1, min(parts, len(position))))]
    done = 0

    while queue:
        inside, pieces = queue.pop()
        if pieces == 1:
            part[inside], done = done, done + 1
            continue
        left = pieces // 2
        order = _order_along(position, inside)
        cut = len(order) * left // pieces
        queue += [(order[cut:], pieces - left), (order[:cut], left)]
    return part


def group_points(position: Floats, most: int) -> Ints:
    """Cut points into compact groups of at most a number of points.

    Each group is halved across its longer side until it is small enough, so that groups are alike
    in size.

    Parameters
    ----------
    position
        Shape (points, coordinates).
    most
        Most points in a group, at least 1.

    Returns
    -------
    array
        The group of each point, from 0. Groups with close numbers lie close to each other.
    """
    group = np.zeros(len(position), dtype=np.int64)
    queue, done = [np.arange(len(position))], 0

    while queue:
        inside = queue.pop()
        if len(inside) <= max(most, 1):
            group[inside], done = done, done + 1
            continue
        order = _order_along(position, inside)
        middle = len(order) // 2
        queue += [order[middle:], order[:middle]]
    return group


def _order_along(position: Floats, inside: Ints) -> Ints:
    """Order some of the points along the longer side of the box around them."""
    longest = int(np.ptp(position[inside], axis=0).argmax())
    ordered: Ints = inside[np.argsort(position[inside, longest], kind="stable")]
    return ordered


def simplify_coverage(
    shapes: "gpd.GeoSeries", tolerance: float, *, alone: float | None = None
) -> "gpd.GeoSeries":
    """Simplify polygons together, so that no gap opens between neighbors.

    Parameters
    ----------
    shapes
        Polygons that share vertices where they meet. If they overlap, each one is simplified by
        itself.
    tolerance
        In units of the coordinates; triangles smaller than its square vanish (Visvalingam and
        Whyatt, 1993).
    alone
        The tolerance where polygons overlap: most distance between old and new line (Douglas and
        Peucker, 1973). By default ``tolerance``.

    Returns
    -------
    GeoSeries
        Same index and coordinate system.
    """
    polygons = shapes.to_numpy()
    together = shapely.coverage_is_valid(polygons)
    simplify = shapely.coverage_simplify if together else shapely.simplify
    size = tolerance if together or alone is None else alone
    return gpd.GeoSeries(simplify(polygons, size), index=shapes.index, crs=shapes.crs)
