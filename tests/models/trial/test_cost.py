"""Test the price of additional responses."""

from models.trial.cost import ResponseCost, price_responses


def test_the_cost_of_a_response_turns_its_range_around() -> None:
    assert price_responses(100, 10, 20, 50) == ResponseCost(2, 5, 10)


def test_an_end_without_additional_responses_has_no_cost() -> None:
    assert price_responses(100, -10, 20, 50) == ResponseCost(2, 5, None)
    assert price_responses(100, -10, -5, 0) == ResponseCost(None, None, None)
