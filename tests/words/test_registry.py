"""One file adds one thing: extensions are found by their attribute, and a wrong one is refused."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from outreach.census import discover_datasets
from outreach.dataset import Dataset
from outreach.registry import discover


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    folder = tmp_path / "plugs_for_a_test"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "beta.py").write_text("SIZE = 2\n")
    (folder / "alpha.py").write_text("SIZE = 1\n")
    (folder / "support.py").write_text("WORDS = 'no size here'\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module(folder.name)
    for name in [name for name in sys.modules if name.startswith(folder.name)]:
        del sys.modules[name]


def test_extensions_are_found_by_their_attribute_in_alphabetical_order(package: ModuleType) -> None:
    assert list(discover(package, "SIZE", int).items()) == [("alpha", 1), ("beta", 2)]


def test_an_extension_of_the_wrong_kind_is_refused(package: ModuleType) -> None:
    with pytest.raises(TypeError, match=r"alpha\.SIZE must be a str, not int"):
        discover(package, "SIZE", str)


@pytest.mark.parametrize("name", sorted(discover_datasets()))
def test_every_dataset_is_declared_soundly(name: str) -> None:
    dataset = discover_datasets()[name]
    assert isinstance(dataset, Dataset)
    assert dataset.name == name
    assert dataset.vintages
    assert set(dataset.vintages) <= set(dataset.tract_year)
    for vintage in dataset.vintages:
        names = [variable.name for variable in dataset.list_variables(vintage)]
        assert len(names) == len(set(names))
    for variable in dataset.variables:
        assert variable.label, variable.name
        assert variable.low < variable.high
        assert variable.name.endswith(f"_{variable.unit.value}"), "the unit stands in the name"
        assert len(variable.bureau_labels) in {0, len(variable.codes)}, variable.name
        for vintage in dataset.vintages:
            assert not any("{" in dataset.spell(code, vintage) for code in variable.codes)
    assert dataset.id_code not in dataset.codes(dataset.vintages[0])
