"""Blocks: cuts an area into compact parts, so that what is told of a part never comes from within it."""

import numpy as np

from outreach.arrays import Floats, Ints


def divide_space(position: Floats, parts: int) -> Ints:
    """Cut rows into compact parts of equal size, halving each along its longest side; the same rows are always cut alike.

    Parameters
    ----------
    position
        Shape (rows, coordinates).
    parts
        How many; fewer where there are fewer rows.

    Returns
    -------
    array
        The part of each row, 0 to parts - 1; parts with near numbers lie near one another.
    """
    part = np.zeros(len(position), dtype=np.int64)
    queue, done = [(np.arange(len(position)), max(1, min(parts, len(position))))], 0
    while queue:
        inside, pieces = queue.pop()
        if pieces == 1:
            part[inside], done = done, done + 1
            continue
        longest = int(np.ptp(position[inside], axis=0).argmax())
        order = inside[np.argsort(position[inside, longest], kind="stable")]
        left = pieces // 2
        cut = len(order) * left // pieces
        queue += [(order[cut:], pieces - left), (order[:cut], left)]
    return part
