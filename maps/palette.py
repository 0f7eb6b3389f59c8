"""Colours that a colour-blind reader can tell apart, with where their values come from.

Sources: ColorBrewer 2.0, https://colorbrewer2.org (Cynthia Brewer, Apache-2.0), schemes marked
colour-blind safe; Okabe and Ito 2008, "Color Universal Design", https://jfly.uni-koeln.de/color/.
"""

from dataclasses import dataclass

import numpy as np

#: Areas that have no figure, and why; the hatch is drawn over the first colour.
MISSING_COLOUR = "#e4e4e4"
HATCH_COLOUR = "#9aa3ab"
WATER_COLOUR = "#cddde6"


@dataclass(frozen=True, slots=True)
class Palette:
    """A published row of colours, low to high.

    Parameters
    ----------
    name
        Its published name.
    anchors
        The published hexadecimal colours.
    source
        Who published it.
    diverging
        Whether the middle colour stands for a value of its own.
    """

    name: str
    anchors: tuple[str, ...]
    source: str
    diverging: bool = False

    def sample(self, count: int) -> list[str]:
        """Return ``count`` colours evenly spaced over the anchors, linear in RGB between two of them."""
        channels = np.array(
            [[int(anchor[i : i + 2], 16) for i in (1, 3, 5)] for anchor in self.anchors]
        )
        places = (
            np.linspace(0, len(channels) - 1, count)
            if count > 1
            else np.array([(len(channels) - 1) / 2])
        )
        mixed = [
            np.interp(places, np.arange(len(channels)), channels[:, channel])
            for channel in range(3)
        ]
        return [
            f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue in np.rint(mixed).astype(int).T
        ]


def _brewer(name: str, colours: str, *, diverging: bool = False) -> Palette:
    anchors = tuple(f"#{colour}" for colour in colours.split())
    return Palette(name, anchors, "ColorBrewer 2.0", diverging)


#: The palest step of each sequential scheme is left out: it cannot be told from paper.
BLUE_GREEN = _brewer("YlGnBu", "ffffd9 edf8b1 c7e9b4 7fcdbb 41b6c4 1d91c0 225ea8 253494 081d58")
BLUE = _brewer("PuBu", "ece7f2 d0d1e6 a6bddb 74a9cf 3690c0 0570b0 045a8d 023858")
PURPLE = _brewer("BuPu", "e0ecf4 bfd3e6 9ebcda 8c96c6 8c6bb1 88419d 810f7c 4d004b")
ORANGE = _brewer("YlOrBr", "fff7bc fee391 fec44f fe9929 ec7014 cc4c02 993404 662506")
RED = _brewer("OrRd", "fee8c8 fdd49e fdbb84 fc8d59 ef6548 d7301f b30000 7f0000")
GREEN = _brewer("YlGn", "f7fcb9 d9f0a3 addd8e 78c679 41ab5d 238443 006837 004529")
ORANGE_PURPLE = _brewer(
    "PuOr", "b35806 e08214 fdb863 fee0b6 f7f7f7 d8daeb b2abd2 8073ac 542788", diverging=True
)
BROWN_TEAL = _brewer(
    "BrBG", "8c510a bf812d dfc27d f6e8c3 f5f5f5 c7eae5 80cdc1 35978f 01665e", diverging=True
)

#: Outline colours of the arms of a campaign.
ARM_COLOURS = {"treat": "#d55e00", "holdout": "#0072b2", "buffer": "#5f6b76"}
