import datetime as dt
import tomllib

import pytest
from pydantic import ValidationError

from outreach.evidence import Fact, Status


def read_fact(text: str) -> Fact[int]:
    return Fact[int].model_validate(tomllib.loads(text))


def test_a_fact_is_read_from_toml_with_its_evidence() -> None:
    fact = read_fact(
        "value = 400\nstatus = 'VERIFIED (3P)'\nsource = 'a blog'\nchecked = 2026-11-02"
    )
    assert fact.value == 400
    assert fact.status is Status.THIRD_PARTY
    assert fact.checked == dt.date(2026, 11, 2)


def test_a_fact_says_how_sure_it_is_and_who_says_so() -> None:
    fact = Fact[int](value=1, status=Status.ASSUMED, source="planning default")
    assert str(fact) == "ASSUMED: planning default"
    assert fact.checked is None


@pytest.mark.parametrize(
    "text",
    [
        "value = 400\nstatus = 'VERIFIED'",
        "value = 400\nstatus = 'VERIFIED'\nsource = ''",
        "value = 400\nstatus = 'certain'\nsource = 'us'",
        "value = 'many'\nstatus = 'USER'\nsource = 'us'",
        "value = 400\nstatus = 'USER'\nsource = 'us'\nremark = 'hm'",
    ],
)
def test_a_fact_without_whole_evidence_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        read_fact(text)


def test_a_fact_cannot_be_changed() -> None:
    fact = Fact[int](value=1, status=Status.ASSUMED, source="planning default")
    with pytest.raises(ValidationError):
        fact.value = 2  # type: ignore[misc]  # the model is frozen, which is the point
