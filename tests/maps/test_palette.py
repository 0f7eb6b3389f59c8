"""Colours: as published, apart for the colour-blind."""

import json
from itertools import pairwise
from pathlib import Path

import branca
import numpy as np
import pytest

from maps import palette
from maps.palette import Palette

PALETTES = {name: value for name, value in vars(palette).items() if isinstance(value, Palette)}

#: Machado, Oliveira and Fernandes 2009, severity 1.0, on linear RGB.
BLINDNESS = {
    "protan": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deutan": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritan": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def linear(colour: str) -> np.ndarray:
    channels = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def to_lab(rgb: np.ndarray) -> np.ndarray:
    matrix = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    xyz = matrix @ np.clip(rgb, 0, 1) / np.array([0.9505, 1.0, 1.089])
    cube = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * cube[1] - 16, 500 * (cube[0] - cube[1]), 200 * (cube[1] - cube[2])])


@pytest.mark.parametrize("name", PALETTES)
def test_colours_are_those_that_were_published(name: str) -> None:
    scheme = PALETTES[name]
    published = json.loads((Path(branca.__file__).parent / "_schemes.json").read_text())[
        f"{scheme.name}_09"
    ]
    assert [colour.lower() for colour in published][-len(scheme.anchors) :] == list(scheme.anchors)


@pytest.mark.parametrize("blindness", BLINDNESS)
@pytest.mark.parametrize("name", PALETTES)
def test_neighbouring_classes_stay_apart_for_the_colour_blind(name: str, blindness: str) -> None:
    seen = [
        to_lab(np.array(BLINDNESS[blindness]) @ linear(colour))
        for colour in PALETTES[name].sample(7)
    ]
    steps = [np.linalg.norm(a - b) for a, b in pairwise(seen)]
    assert min(steps) > 5


@pytest.mark.parametrize("blindness", BLINDNESS)
def test_arms_stay_apart_for_the_colour_blind(blindness: str) -> None:
    seen = [
        to_lab(np.array(BLINDNESS[blindness]) @ linear(colour))
        for colour in palette.ARM_COLOURS.values()
    ]
    assert min(np.linalg.norm(a - b) for at, a in enumerate(seen) for b in seen[at + 1 :]) > 12


def test_a_sample_keeps_both_ends() -> None:
    assert palette.BLUE.sample(3)[::2] == [palette.BLUE.anchors[0], palette.BLUE.anchors[-1]]
    assert len(palette.BLUE.sample(1)) == 1
