"""Colors as published and apart for the color-blind; classes of figures."""

import json
from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path

import branca
import numpy as np
import pandas as pd
import pytest

from outreach import palette
from outreach.palette import (
    NATION_EDGES,
    RATE_CLASSES,
    RATE_EDGES,
    Method,
    Palette,
    choose_edges,
    find_classes,
)

PALETTES = {
    name: value
    for name, value in vars(palette).items()
    if isinstance(value, Palette) and not value.unordered
}

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


def linear(color: str) -> np.ndarray:
    channels = np.array([int(color[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def to_lab(rgb: np.ndarray) -> np.ndarray:
    matrix = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    xyz = matrix @ np.clip(rgb, 0, 1) / np.array([0.9505, 1.0, 1.089])
    cube = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * cube[1] - 16, 500 * (cube[0] - cube[1]), 200 * (cube[1] - cube[2])])


@pytest.mark.parametrize("name", PALETTES)
def test_colors_are_those_that_were_published(name: str) -> None:
    scheme = PALETTES[name]
    if scheme.name.endswith(" reversed"):
        scheme = replace(scheme.reverse(), name=scheme.name.removesuffix(" reversed"))
    published = json.loads((Path(branca.__file__).parent / "_schemes.json").read_text())[
        f"{scheme.name}_09"
    ]
    assert [color.lower() for color in published][-len(scheme.anchors) :] == list(scheme.anchors)


@pytest.mark.parametrize("blindness", BLINDNESS)
@pytest.mark.parametrize("name", PALETTES)
def test_neighboring_classes_stay_apart_for_the_color_blind(name: str, blindness: str) -> None:
    seen = [
        to_lab(np.array(BLINDNESS[blindness]) @ linear(color)) for color in PALETTES[name].sample(7)
    ]
    steps = [np.linalg.norm(a - b) for a, b in pairwise(seen)]
    assert min(steps) > 5


@pytest.mark.parametrize("blindness", BLINDNESS)
def test_classes_in_words_stay_apart_from_one_another(blindness: str) -> None:
    colors = palette.CLASSES.sample(8)
    assert colors[:3] == palette.CLASSES.sample(3)
    seen = [to_lab(np.array(BLINDNESS[blindness]) @ linear(color)) for color in colors]
    assert min(np.linalg.norm(a - b) for a, b in combinations(seen, 2)) > 15


@pytest.mark.parametrize("blindness", BLINDNESS)
def test_arms_stay_apart_for_the_color_blind(blindness: str) -> None:
    seen = [
        to_lab(np.array(BLINDNESS[blindness]) @ linear(color))
        for color in palette.ARM_COLORS.values()
    ]
    assert min(np.linalg.norm(a - b) for at, a in enumerate(seen) for b in seen[at + 1 :]) > 12


@pytest.mark.parametrize("blindness", BLINDNESS)
def test_nine_colors_of_two_figures_stay_apart_for_the_color_blind(blindness: str) -> None:
    seen = [to_lab(np.array(BLINDNESS[blindness]) @ linear(one)) for one in palette.PAIR_COLORS]
    assert min(np.linalg.norm(a - b) for at, a in enumerate(seen) for b in seen[at + 1 :]) > 12


def test_a_sample_keeps_both_ends() -> None:
    assert palette.BLUE.sample(3)[::2] == [palette.BLUE.anchors[0], palette.BLUE.anchors[-1]]
    assert len(palette.BLUE.sample(1)) == 1


def spread_figures(low: float, high: float, count: int = 500) -> "pd.Series[float]":
    return pd.Series(np.linspace(low, high, count))


def test_a_rate_has_the_same_classes_whatever_the_figures_are() -> None:
    for figures in (spread_figures(0.01, 0.2), pd.Series([0.5, 0.5]), pd.Series([], dtype=float)):
        assert choose_edges(figures, Method.RATES, 7)[0] == list(RATE_EDGES)
        assert choose_edges(figures, Method.NATION, 7)[0] == list(NATION_EDGES)


def test_every_class_of_a_rate_has_a_published_color_of_its_own() -> None:
    assert RATE_CLASSES.colors == palette.BLUE_GREEN.anchors[::-1]


def test_a_class_includes_its_upper_edge_and_the_last_one_all_beyond() -> None:
    figures = np.array([0.0, 0.3, 0.301, 0.1 + 0.2, 1.0, 1.5])
    assert find_classes(figures, RATE_EDGES).tolist() == [0, 0, 1, 0, 7, 7]
    assert RATE_CLASSES.color(0.7) == RATE_CLASSES.colors[4]
    assert RATE_CLASSES.color(float("nan")) == ""


def test_the_outer_classes_of_a_rate_are_open() -> None:
    bounds = RATE_CLASSES.bounds()
    assert bounds[0] == (None, 0.3)
    assert bounds[1] == (0.3, 0.4)
    assert bounds[-1] == (0.9, None)
    assert len(bounds) == len(RATE_CLASSES.colors)


def test_round_steps_cover_the_figures() -> None:
    edges = choose_edges(spread_figures(0.31, 0.89), Method.PRETTY, 8)[0]
    assert edges == [0.4, 0.5, 0.6, 0.7, 0.8, 0.9]


def test_a_few_outliers_do_not_stretch_the_classes() -> None:
    figures = pd.concat([spread_figures(0.41, 0.89), pd.Series([0.0, 1.0])])
    assert choose_edges(figures, Method.PRETTY, 8)[0] == [0.5, 0.6, 0.7, 0.8, 0.9]


def test_quantiles_hold_equal_numbers() -> None:
    figures = spread_figures(0, 1) ** 3
    edges = choose_edges(figures, Method.QUANTILES, 4)[0]
    counts = np.bincount(find_classes(figures.to_numpy(), edges))
    assert counts.max() - counts.min() <= 1


def test_classes_mirror_each_other_around_a_center() -> None:
    edges = choose_edges(spread_figures(-0.04, 0.09), Method.PRETTY, 7, center=0.0)[0]
    assert edges == [-0.08, -0.06, -0.04, -0.02, 0.0, 0.02, 0.04, 0.06, 0.08, 0.1]


def test_the_lowest_rates_have_the_darkest_color() -> None:
    lightness = [to_lab(linear(color))[0] for color in RATE_CLASSES.colors]
    assert lightness == sorted(lightness)


@pytest.mark.parametrize(
    "figures",
    [
        spread_figures(0, 0.21),
        spread_figures(0, 1) ** 6,
        pd.Series([0.0] * 900 + list(np.linspace(0, 0.004, 100))),
        spread_figures(-0.22, 0.14),
    ],
)
@pytest.mark.parametrize("center", [None, 0.0])
def test_at_least_five_classes_are_filled(
    figures: "pd.Series[float]", center: float | None
) -> None:
    if center is not None and figures.min() >= 0:
        pytest.skip("one-sided figures have no diverging layer")
    edges, _ = choose_edges(figures, Method.PRETTY, 5, center)
    assert len(set(find_classes(figures.to_numpy(), edges))) >= 5


def test_equal_numbers_that_take_the_place_of_round_steps_are_named() -> None:
    figures = pd.Series([*range(100), *range(900_000, 900_005)], dtype=float)
    edges, method = choose_edges(figures, Method.PRETTY, 7)
    assert method is Method.QUANTILES
    assert len(edges) == 7


@pytest.mark.parametrize("figures", [pd.Series([], dtype=float), pd.Series([0.4, 0.4])])
def test_few_figures_make_one_class(figures: "pd.Series[float]") -> None:
    assert len(choose_edges(figures, Method.PRETTY, 7)[0]) == 1


def test_one_outlier_among_equals_has_a_class_of_its_own() -> None:
    figures = pd.Series([0.5] * 500 + [0.9])
    low, high = find_classes(np.array([0.5, 0.9]), choose_edges(figures, Method.PRETTY, 8)[0])
    assert low != high
