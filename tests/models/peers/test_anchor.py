"""Test that past response counts where a process is unsure, and hardly where it is sure."""

import numpy as np
import pytest

from models.peers.anchor import Anchor
from models.peers.regressor import PeerRegressor

RNG = np.random.default_rng(0)


def test_the_line_is_that_of_least_squares() -> None:
    past = RNG.normal(size=200)
    target = 0.5 + 0.8 * past + 0.3 * RNG.normal(size=200)
    anchor = Anchor.fit(past, target)
    assert [anchor.slope, anchor.base] == pytest.approx(np.polyfit(past, target, 1).tolist())
    assert anchor.error == pytest.approx(0.3, abs=0.05)


def test_the_less_sure_the_process_the_more_the_line_counts() -> None:
    anchor = Anchor(base=0.0, slope=1.0, error=0.3)
    spread = np.array([0.1, 0.3, 0.6, 3.0])
    mean, together = anchor.combine(np.ones(4), np.zeros(4), spread)
    assert mean[0] == pytest.approx(0.0)
    assert mean[1] == pytest.approx(0.5)
    assert mean[2] == mean[3] == pytest.approx(1.0)
    assert (together <= np.minimum(spread, 0.3) + 1e-12).all()


def test_a_region_unlike_the_others_is_predicted_better_from_its_past() -> None:
    past = RNG.uniform(0.3, 0.8, 400)
    vacant = RNG.uniform(0.0, 0.2, 400)
    other = RNG.normal(size=400)
    # What else counts is far out in the region that is left out, and without effect there.
    away = np.arange(400) >= 300
    other[away] += 6.0
    rate = np.clip(past * (1 - vacant) + np.where(away, 0.0, 0.08 * np.sin(3 * other)), 0.05, 0.95)
    rows = np.column_stack([past, vacant, other])
    missed = []
    for anchors in ((), (0, 1)):
        model = PeerRegressor(link="logit", anchors=anchors).fit(rows[~away], rate[~away])
        missed.append(np.abs(model.predict(rows[away]) - rate[away]).mean())
    assert missed[1] < 0.9 * missed[0]
