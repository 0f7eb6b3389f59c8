"""Partners' logs are kept by area, show where nobody has been, and warn the read-out."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from flows.steps.delivering.activity import warn_activity
from flows.steps.delivering.activity_tracts import read_run_activity, spread_activity
from flows.steps.measuring.tested_run import read_test
from flows.trial.activity import import_activity
from flows.trial.measure import measure_test
from outreach.catalog import read_words
from outreach.catalog.retell import retell
from outreach.delivery.activity import ActivityLog, read_activity
from outreach.errors import InputError, StoreError
from outreach.settings import Settings, read_settings
from outreach.store import Store
from tests.flows.trial.tested_town import Town, fill_archive, keep_town, make_town

HEAD = "organization,kind,place,day,contacts\n"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    return make_town(tmp_path_factory.mktemp("town"), "zips")


@pytest.fixture
def settings(town: Town, tmp_path: Path) -> Settings:
    settings = read_settings(home=tmp_path / "home")
    Store(settings.runs_folder).approve(keep_town(settings, town), "Ada Lovelace")
    return settings


def write(folder: Path, rows: str, head: str = HEAD) -> Path:
    path = folder / "log.csv"
    path.write_text(head + rows, encoding="utf-8")
    return path


def list_gaps(path: Path) -> dict[str, dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["unit_id"]: row for row in csv.DictReader(file)}


def test_a_log_is_kept_once_and_shows_gaps(settings: Settings, town: Town, tmp_path: Path) -> None:
    tract = town.members.set_index("unit_id").loc["zip-60601", "geoid"].iloc[0]
    rows = (
        "Library,canvassing,60600,6/2/2020,40\nLibrary,doors,60600,2020-06-02,2\n"
        f"Union,SMS,{tract},2020-06-03,15\nUnion,calls,99999,2020-06-03,5\n"
    )
    logged = import_activity(settings, write(tmp_path, rows))
    assert logged.lines[0] == (
        "log.csv: 3 rows, 62 contacts; 3 new, 0 corrected, 0 as known before."
    )
    assert logged.lines[1].endswith("and kept: 99999.")
    gaps = list_gaps(logged.gaps)
    assert len(gaps) == len(town.targets)
    assert (gaps["zip-60600"]["doors_count"], gaps["zip-60600"]["is_gap"]) == ("42.0", "False")
    assert gaps["zip-60601"]["texts_count"] == "15.0"
    assert sum(row["is_gap"] == "True" for row in gaps.values()) == len(gaps) - 2
    assert next(iter(gaps.values()))["is_gap"] == "True"

    # The same again changes nothing; another figure supersedes.
    files = sorted((settings.home / "activity").rglob("*.parquet"))
    again = import_activity(settings, write(tmp_path, rows))
    assert "0 new, 0 corrected, 3 as known before" in again.lines[0]
    assert sorted((settings.home / "activity").rglob("*.parquet")) == files
    other = import_activity(settings, write(tmp_path, rows.replace(",15\n", ",20\n")))
    assert "0 new, 1 corrected, 2 as known before" in other.lines[0]
    assert list_gaps(other.gaps)["zip-60601"]["texts_count"] == "20.0"


def test_contacts_of_a_zip_are_divided_among_its_tracts_by_households(
    town: Town, tmp_path: Path
) -> None:
    own = town.members[town.members["unit_id"] == "zip-60601"]
    tract = own["geoid"].iloc[0]
    rows = (
        f"A,doors,60601,2020-06-02,100\nA,doors,{tract},2020-06-02,5\nA,calls,99999,2020-06-02,9\n"
    )
    households = town.tracts["households_count"]
    log = read_activity(write(tmp_path, rows))
    spread = spread_activity(log, town.targets, town.members, households)
    parts = own.set_index("geoid")["weight"] * households[own["geoid"]]
    expected = 100 * parts / parts.sum() + 5.0 * (parts.index == tract)
    assert spread["contacts_count"].to_dict() == pytest.approx(expected.to_dict())

    # A tract whose households are hidden from the public gets no part, whatever they are.
    public = households.mask(households.index == tract)
    told = spread_activity(log, town.targets, town.members, public)["contacts_count"]
    (other,) = set(own["geoid"]) - {tract}
    assert told.to_dict() == pytest.approx({other: 100, tract: 5})

    # Without households the parts of the tracts decide, and without members only tracts count.
    blank = spread_activity(log, town.targets, town.members, households * 0)
    assert blank["contacts_count"].sum() == pytest.approx(105)
    alone = spread_activity(log, town.targets, None, households)
    assert alone["contacts_count"].to_dict() == {tract: 5}


def test_a_zip_that_left_the_list_keeps_what_was_done_there(
    settings: Settings, town: Town, tmp_path: Path
) -> None:
    import_activity(settings, write(tmp_path, "A,doors,60601,2020-05-20,100\n"))
    left = replace(
        town,
        targets=town.targets.drop("zip-60601"),
        members=town.members[town.members["unit_id"] != "zip-60601"],
    )
    emptied = replace(town, targets=town.targets.iloc[:0], members=town.members.iloc[:0])
    store = Store(settings.runs_folder)
    for later in (left, emptied):
        run = store.find(keep_town(settings, later))[0]
        spread = read_run_activity(settings.home, store, run, town.tracts["households_count"])
        assert spread is not None
        assert spread["contacts_count"].sum() == pytest.approx(100)
        assert set(spread.index) == {"99001000002", "99001000003"}


@pytest.mark.parametrize(
    ("head", "rows", "sentence"),
    [
        (HEAD.replace("\n", ",Phone\n"), "A,calls,60600,2020-06-02,1,312\n", "'Phone', which is"),
        (HEAD.replace("\n", ",first_name\n"), "A,calls,60600,2020-06-02,1,Bo\n", "about persons"),
        (HEAD, "A,calls,12 Main Street,2020-06-02,1\n", "place in data row 1 is '12 Main Street'"),
        (HEAD, "A,calls,zip-12 Main Street,2020-06-02,1\n", "is 'zip-12 Main Street'"),
        (HEAD, "A,calls,60600,9999-12-31,1\n", "day in data row 1 is '9999-12-31'"),
        (HEAD, "A,faxes,60600,2020-06-02,1\n", "kind in data row 1 is 'faxes'"),
        (HEAD, ",calls,60600,2020-06-02,1\n", "organization in data row 1 is ''"),
        (HEAD, "A,calls,60600,soon,1\n", "day in data row 1 is 'soon'"),
        (HEAD, "A,calls,60600,2020-06-02,-1\n", "contacts is '-1'"),
        (HEAD, "A,calls,60600,2020-06-02,1000001\n", "Write 1,000,000 at most."),
        (HEAD, f"{'A' * 201},calls,60600,2020-06-02,1\n", "of 1 to 200 characters"),
        (HEAD, "", "has no row"),
        ("who,what\n", "A,calls\n", "has no column"),
    ],
)
def test_what_is_no_log_of_areas_is_refused_whole(
    head: str, rows: str, sentence: str, settings: Settings, tmp_path: Path
) -> None:
    with pytest.raises(InputError) as caught:
        import_activity(settings, write(tmp_path, rows, head))
    assert sentence in str(caught.value)
    assert not (settings.home / "activity").exists()


def test_a_damaged_log_is_named(tmp_path: Path) -> None:
    log = ActivityLog(tmp_path / "log")
    log.record(read_activity(write(tmp_path, "A,calls,60600,2020-06-02,1\n")))
    (file,) = log.folder.iterdir()
    file.write_bytes(b"x")
    with pytest.raises(StoreError, match="was changed or damaged"):
        log.read()


def test_the_read_out_warns_where_the_arms_saw_other_work(
    settings: Settings, town: Town, tmp_path: Path
) -> None:
    store = Store(settings.runs_folder)
    run, _ = store.find("latest")
    test = read_test(store, run)
    assert warn_activity(store, settings.home, run, test) == []
    arms = town.targets["arm"]
    treated, held = (
        arms.index[arms == arm][0].removeprefix("zip-") for arm in ("treat", "holdout")
    )
    count = {arm: int((arms == arm).sum()) for arm in ("treat", "holdout")}
    rows = f"A,doors,{treated},2020-06-02,500\n"
    import_activity(settings, write(tmp_path, rows))
    total, kind, gaps = warn_activity(store, settings.home, run, test)
    assert "500 contacts in units with ads and 0 in held-out ones" in total
    assert total.endswith("so the result measures both.")
    assert kind.startswith("Of doors they logged ")
    assert kind.endswith("so ads and doors cannot be told apart.")
    assert gaps == (
        f"{count['treat'] - 1} of {count['treat']} units with ads and {count['holdout']} of"
        f" {count['holdout']} held-out ones have nothing in the logs of the flight."
    )

    # As much for each household in both arms, but of another kind: alike in all, unlike in each.
    sums = town.targets["households_count"].groupby(arms).sum()
    even = round(500 * sums["holdout"] / sums["treat"])
    import_activity(settings, write(tmp_path, f"A,events,{held},2020-06-02,{even}\n"))
    total, doors, events, _ = warn_activity(store, settings.home, run, test)
    assert total.endswith("which is alike.")
    assert (doors[:8], events[:19]) == ("Of doors", "Of people at events")

    # A few contacts are no difference, and days outside of the flight do not count.
    few = f"A,texts,{held},2020-06-02,3\nA,calls,{held},2020-04-02,900\n"
    import_activity(settings, write(tmp_path, few))
    assert len(warn_activity(store, settings.home, run, test)) == 4
    spanish = [
        retell(note, read_words("es"), "effect").lang
        for note in warn_activity(store, settings.home, run, test)
    ]
    assert spanish == [""] * 4


def test_a_result_has_the_warning_about_partners(
    settings: Settings, town: Town, tmp_path: Path
) -> None:
    fill_archive(settings, town, 0.02)
    import_activity(settings, write(tmp_path, "A,doors,60600,2020-06-02,500\n"))
    notes = measure_test(settings)[0].notes
    assert sum("Partners logged" in note for note in notes) == 1
    assert sum("have nothing in the logs of the flight" in note for note in notes) == 1
