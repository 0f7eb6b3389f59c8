import pytest

from outreach.errors import DataError
from outreach.units import UnitKind, name_unit, split_unit


@pytest.mark.parametrize("place", ["17031010100", "60614", "google-12"])
@pytest.mark.parametrize("kind", list(UnitKind))
def test_a_unit_id_gives_back_its_kind_and_place(kind: UnitKind, place: str) -> None:
    assert split_unit(name_unit(kind, place)) == (kind, place)


def test_a_unit_id_starts_with_the_kind_in_words() -> None:
    assert name_unit("tract", "17031010100") == "tract-17031010100"


@pytest.mark.parametrize("text", ["17031010100", "tract-", "ward-3"])
def test_what_is_no_unit_id_is_refused(text: str) -> None:
    with pytest.raises(DataError, match="is not the id of a unit"):
        split_unit(text)
