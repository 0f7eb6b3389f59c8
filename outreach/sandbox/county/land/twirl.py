"""Twirl the straight plan of the invented county into place.

A twirl keeps areas and joins, so that old neighborhoods are at an angle as in a grown city and no
two edges part. Lengths are meters.
"""

import numpy as np
import shapely

from outreach.arrays import Floats
from outreach.sandbox.county.land.streets import Shapes

#: Center (m), scale (m), and turn (degrees) of each twirl.
_TWIRLS = (
    (300, 300, 2_600, 24),
    (-7_500, 8_500, 6_000, -27),
    (-6_500, -9_500, 5_500, 24),
    (-18_500, -2_000, 6_500, 17),
    (-17_000, 15_000, 5_000, 21),
    (-16_000, -16_500, 5_500, -23),
    (900, -15_500, 3_500, -14),
    (1_000, 13_500, 3_500, 13),
)


def twirl_blocks(pieces: Shapes) -> Shapes:
    """Move blocks from the straight plan to the ground; neighbors share every corner.

    A scrap of a few m2 may come out empty.
    """
    # A twirled ring may cross itself; keep its largest part.
    ground = shapely.transform(shapely.segmentize(pieces, 200), twirl)
    for number in np.flatnonzero(~shapely.is_valid(ground)):
        parts = shapely.get_parts(shapely.make_valid(ground[number]))
        ground[number] = parts[np.argmax(shapely.area(parts))]

    clean: Shapes = shapely.coverage_clean(ground, gap_width=8, snapping_distance=0.3)
    return clean


def twirl(points: Floats) -> Floats:
    """Turn the plan around each center, less with distance.

    Every turn is a bijection and keeps areas.
    """
    points = points.copy()
    for x, y, scale, degrees in _TWIRLS:
        offset = points - (x, y)
        angle = np.radians(degrees) * np.exp(-((offset**2).sum(axis=1)) / (2 * scale**2))
        sine, cosine = np.sin(angle), np.cos(angle)
        points[:, 0] = x + offset[:, 0] * cosine - offset[:, 1] * sine
        points[:, 1] = y + offset[:, 0] * sine + offset[:, 1] * cosine
    return points
