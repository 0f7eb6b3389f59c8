import numpy as np
import pytest
from scipy.optimize import approx_fprime

from models.peers.gp import Kernel, Posterior

RNG = np.random.default_rng(4)
ROWS, TARGET, GROUP = RNG.normal(size=(40, 6)), RNG.normal(size=40), np.array([0, 0, 1, 2])


@pytest.mark.parametrize("places", [0, 2])
def test_the_gradient_of_the_evidence_is_its_slope(places: int) -> None:
    samples = [(ROWS[:25, : 4 + places], TARGET[:25]), (ROWS[25:, : 4 + places], TARGET[25:])]
    kernel = Kernel.at_prior(GROUP, places)
    theta = kernel.theta + RNG.normal(0, 0.2, len(kernel.theta))
    numeric = approx_fprime(theta, lambda at: kernel.evidence(at, samples)[0], 1e-6)
    assert kernel.evidence(theta, samples)[1] == pytest.approx(numeric, abs=2e-3)


def test_leaving_rows_out_equals_never_showing_them() -> None:
    kernel, out = Kernel.at_prior(GROUP, 2), np.arange(5, 12)
    rest = np.setdiff1d(np.arange(40), out)
    mean, spread = Posterior.after(kernel, ROWS, TARGET).leave_out(TARGET, out)
    fresh = Posterior.after(kernel, ROWS[rest], TARGET[rest])
    assert mean == pytest.approx(fresh.predict(ROWS[out]))
    assert spread == pytest.approx(fresh.spread(ROWS[out]))


def test_the_slope_is_the_change_of_the_prediction() -> None:
    posterior = Posterior.after(Kernel.at_prior(GROUP, 2), ROWS, TARGET)
    at = RNG.normal(size=(3, 6))
    for column in range(4):
        step = np.zeros(6)
        step[column] = 1e-5
        numeric = (posterior.predict(at + step) - posterior.predict(at - step)) / 2e-5
        assert posterior.slope(at)[:, column] == pytest.approx(numeric, abs=1e-5)


def test_learning_finds_the_group_that_matters() -> None:
    rows = RNG.normal(size=(200, 3))
    kernel = Kernel.at_prior(np.arange(3), 0).learn(
        [(rows, np.sin(2 * rows[:, 1]) + RNG.normal(0, 0.1, 200))], 30
    )
    lengths = np.exp(kernel.theta[2:5])
    assert lengths[1] < lengths[0] / 3
    assert lengths[1] < lengths[2] / 3
