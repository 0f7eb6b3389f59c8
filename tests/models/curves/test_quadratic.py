"""Test that quadratic forms predict what they state, and are stored within their precision."""

import json

import numpy as np
import pytest

from models.curves.quadratic import Quadratics, expand_terms

FEATURES = np.random.default_rng(0).normal(size=(30, 4))
FORMS = Quadratics(np.array([10.0, 20.0]), np.random.default_rng(1).normal(size=(2, 15)))


def test_a_prediction_is_the_sum_of_the_terms_and_is_interpolated_between_days() -> None:
    assert FORMS.features == 4
    middle = FORMS.coefficients.mean(axis=0)
    np.testing.assert_allclose(FORMS.predict(FEATURES, 15), expand_terms(FEATURES) @ middle)
    np.testing.assert_allclose(FORMS.predict(FEATURES, 5), FORMS.predict(FEATURES, 10))


def test_an_input_far_out_counts_no_further_than_three_deviations() -> None:
    far = np.array([[50.0, 0.0, 0.0, -50.0]])
    edge = np.array([[3.0, 0.0, 0.0, -3.0]])
    np.testing.assert_allclose(FORMS.predict(far, 10), FORMS.predict(edge, 10))


def test_stored_forms_predict_the_same_within_their_precision() -> None:
    again = Quadratics.from_json(json.loads(json.dumps(FORMS.to_json())))
    np.testing.assert_allclose(again.predict(FEATURES, 12), FORMS.predict(FEATURES, 12), atol=0.02)


@pytest.mark.parametrize("terms", [14, 16])
def test_coefficients_that_fit_no_number_of_features_are_refused(terms: int) -> None:
    with pytest.raises(ValueError, match="do not fit"):
        _ = Quadratics(np.array([1.0]), np.ones((1, terms))).features
