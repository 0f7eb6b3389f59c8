import numpy as np

from models.peers.blocks import divide_space

PLACES = np.random.default_rng(1).uniform(size=(205, 2)) * [10, 3]


def test_parts_are_of_equal_size_and_cover_everything() -> None:
    sizes = np.bincount(divide_space(PLACES, 20))
    assert len(sizes) == 20
    assert sizes.sum() == 205
    assert sizes.max() - sizes.min() <= 2


def test_parts_are_compact() -> None:
    part = divide_space(PLACES, 8)
    within = [np.ptp(PLACES[part == number], axis=0).max() for number in range(8)]
    assert max(within) < 5


def test_the_same_rows_are_cut_alike_and_too_many_parts_are_fewer() -> None:
    assert (divide_space(PLACES, 7) == divide_space(PLACES.copy(), 7)).all()
    assert sorted(divide_space(PLACES[:3], 9)) == [0, 1, 2]
    assert (divide_space(PLACES, 1) == 0).all()
