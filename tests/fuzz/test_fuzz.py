"""Damaged files of every kind are read to their own values or refused in our words."""

import pytest

from tests.fuzz.rounds import run_round

#: Cases of the short round; ``make fuzz`` tries all.
_SHORT = {
    "campaign files": 250,
    "user tables": 120,
    "imported rates": 60,
    "map files": 60,
    "API answers": 100,
    "manifests": 100,
    "partners' logs": 30,
    "reports of ads": 30,
    "tests' files": 40,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", _SHORT)
def test_a_damaged_file_is_read_to_its_own_values_or_refused(name: str) -> None:
    counts = run_round(name, _SHORT[name], seed=2020)
    assert counts.faults == []
    assert counts.read > 0
    assert counts.refused > 0
    assert counts.tried == counts.read + counts.refused == _SHORT[name]
