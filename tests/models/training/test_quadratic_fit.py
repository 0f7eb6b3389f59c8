"""Test that the quadratic form of a day learns from the other folds alone."""

from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd
import pytest

from models.curves.trajectory import build_trajectories
from models.training.quadratic_fit import fit_quadratics
from models.training.sample import Sample, collect_sample

Invent = Callable[..., pd.DataFrame]


@pytest.fixture(scope="module")
def sample(invent: Invent) -> Sample:
    curves = build_trajectories(invent(5, states=4), date(2020, 3, 20))
    return collect_sample(curves, 210)


def test_forms_forecast_unseen_areas_better_than_the_mean(sample: Sample) -> None:
    tracts = sample.target.shape[1]
    fold = np.arange(tracts) * 4 // tracts
    forms, held_out = fit_quadratics(sample, np.ones(tracts, dtype=bool), fold, seed=0)
    assert forms.coefficients.shape == (len(sample.days), 990)
    miss = np.abs(held_out - sample.target).mean(axis=1)
    assert (miss < 0.95 * np.abs(sample.target).mean(axis=1)).mean() > 0.8


def test_the_growth_of_a_fold_has_no_part_in_its_own_forecast(sample: Sample) -> None:
    tracts = sample.target.shape[1]
    fold = np.arange(tracts) * 4 // tracts
    _, before = fit_quadratics(sample, np.ones(tracts, dtype=bool), fold, seed=0)
    sample.target[:, fold == 1] += 2.0
    _, after = fit_quadratics(sample, np.ones(tracts, dtype=bool), fold, seed=0)
    sample.target[:, fold == 1] -= 2.0
    np.testing.assert_allclose(after[:, fold == 1], before[:, fold == 1], atol=1e-6)
    assert np.abs(after[:, fold != 1] - before[:, fold != 1]).max() > 0.1
