"""Train on archives, and choose the season model of a run."""

import datetime as dt
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from flows.steps.sources.season_choice import choose_season, find_trained
from flows.train import TrainedSeason, train_season
from models.assess import assess_tracts
from models.curves.season_file import load_season_model
from outreach.archive import Archive
from outreach.errors import ModelError, NothingThere

START = pd.Timestamp("2020-03-20")
DAYS = np.array([3, 5, *range(7, 70, 2), *range(72, 210, 9), 208])
STATES = ("01", "04", "05", "06", "08", "10")


def invent_season(
    states: tuple[str, ...] = STATES, tracts: int = 110, days: np.ndarray = DAYS
) -> pd.DataFrame:
    """Invent tracts in two counties of each state, each with its own pace and level."""
    rng = np.random.default_rng(7)
    codes = [
        f"{state}{1 + 2 * (n % 2):03d}{100 * n:06d}"
        for state in states
        for n in range(1, tracts + 1)
    ]
    pace, level = rng.normal(0, 0.2, (2, len(codes), 1))
    done = 1 - np.exp(-days / (16 * np.exp(pace)))
    share = np.clip(0.65 + 0.4 * level + 0.1 * pace, 0.2, 0.95) * done
    table = {
        "data_date": np.tile(START + pd.to_timedelta(days, unit="D"), len(codes)),
        "cumulative_share": share.round(3).ravel(),
        "internet_share": (0.7 * share).round(3).ravel(),
        "daily_share": np.nan,
        "daily_internet_share": np.nan,
    }
    return pd.DataFrame(table, index=pd.Index(np.repeat(codes, len(days)), name="geoid"))


def keep(folder: Path, rates: pd.DataFrame) -> Archive:
    ledger = Archive(folder)
    ledger.append(rates, "invented", dt.datetime(2020, 10, 29, tzinfo=dt.UTC))
    return ledger


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """Return an archive of 660 tracts in six states, one of them without rates after June 1."""
    rates = invent_season()
    stopped = (rates.index == rates.index[0]) & (rates["data_date"] > "2020-06-01").to_numpy()
    return keep(tmp_path_factory.mktemp("archive"), rates[~stopped])


@pytest.fixture(scope="module")
def told() -> list[tuple[int, int]]:
    return []


@pytest.fixture(scope="module")
def trained(
    archive: Archive, told: list[tuple[int, int]], tmp_path_factory: pytest.TempPathFactory
) -> TrainedSeason:
    home = tmp_path_factory.mktemp("home")
    return train_season(
        archive,
        home,
        leave_out=["10"],
        members=1,
        hidden=(8,),
        progress=lambda *step: told.append(step),
    )


def test_the_season_is_kept_with_dates_areas_versions_and_the_errors_it_makes(
    trained: TrainedSeason,
) -> None:
    kept = load_season_model(trained.path)
    assert trained.path.name == "2020.json"
    assert kept.final == dt.date(2020, 10, 14)
    assert kept.provenance["states"] == list(STATES[:-1])
    assert kept.provenance["left_out_states"] == ["10"]
    assert kept.provenance["tracts_count"] == 549
    assert (kept.provenance["first_data_date"], kept.provenance["last_data_date"]) == (
        "2020-03-23",
        "2020-10-14",
    )
    assert set(kept.provenance["versions"]) == {"scikit-learn", "numpy"}
    assert 0 < kept.provenance["held_out_mae_share"]["45"] < 0.03
    assert json.loads(trained.path.read_text())["format"] == 2


def test_what_is_left_out_is_counted_and_progress_reaches_its_end(
    trained: TrainedSeason, told: list[tuple[int, int]]
) -> None:
    assert any(note.startswith("1 of 550 tracts are left out") for note in trained.notes)
    assert told[-1] == (12, 12)


def test_a_trained_season_is_used_and_says_hindsight_wherever_the_season_ended_already(
    trained: TrainedSeason,
) -> None:
    fitted, notes = choose_season(trained.path.parents[1], 2020)
    assert fitted.provenance["origin"] == "trained from this service's archive"
    assert "trained from this archive (549 tracts" in notes[0]
    kinds = {}
    for state in ("01", "10"):
        history = invent_season((state,), 40)
        history = history[history["data_date"] <= "2020-05-01"]
        tracts = history[history["data_date"] == history["data_date"].max()].assign(
            households_count=500.0
        )
        assessment = assess_tracts(tracts, history, season_model=fitted)
        assert assessment.forecast is not None
        kinds[state] = (
            assessment.provenance["season_kind"],
            any("Hindsight" in note for note in assessment.notes),
        )
    assert kinds["01"] == ("hindsight, including the area's own final rates", True)
    assert kinds["10"] == ("hindsight, from other places", True)


def test_another_season_is_no_hindsight(trained: TrainedSeason) -> None:
    fitted, _ = choose_season(trained.path.parents[1], 2030)
    history = invent_season(("01",), 40)
    history = history[history["data_date"] <= "2020-05-01"].assign(
        data_date=lambda t: t["data_date"] + pd.DateOffset(years=10)
    )
    tracts = history[history["data_date"] == history["data_date"].max()].assign(
        households_count=500.0
    )
    assessment = assess_tracts(tracts, history, season_model=fitted)
    assert assessment.provenance["season_kind"] == "ex ante"
    assert assessment.forecast is not None


def test_without_a_fitting_file_the_shipped_season_is_used_and_the_reason_said(
    trained: TrainedSeason, tmp_path: Path
) -> None:
    shipped = load_season_model()
    assert choose_season(tmp_path, 2020)[1] == ()
    stored = json.loads(trained.path.read_text())
    find_trained(tmp_path).mkdir()
    spoiled = {
        "format 99": stored | {"format": 99},
        "other features": stored | {"features": [f"x{n}" for n in range(len(stored["features"]))]},
        "networks have other inputs": stored | {"networks": [stored["spread"]]},
        "not a season model": [1],
    }
    for reason, content in spoiled.items():
        (find_trained(tmp_path) / "2020.json").write_text(json.dumps(content))
        season, notes = choose_season(tmp_path, 2020)
        assert season.provenance == shipped.provenance
        assert len(notes) == 1
        assert reason in notes[0]
    (find_trained(tmp_path) / "2020.json").write_bytes(b"\x80\x04\xff")
    assert "not a season model" in choose_season(tmp_path, 2020)[1][0]


@pytest.mark.parametrize(
    ("rates", "final", "leave_out", "words"),
    [
        (
            invent_season(STATES[:2], 60),
            None,
            (),
            "120 tracts with a complete season in 4 counties",
        ),
        (
            invent_season(days=DAYS[DAYS < 80]),
            None,
            (),
            "ends on 2020-05-31, before self-response ended on 2020-10-16",
        ),
        (invent_season(days=DAYS[DAYS > 9]), None, (), "begins on 2020-03-31"),
        (invent_season(), dt.date(2020, 10, 12), (), "no rates of most tracts on 2020-10-12"),
        (invent_season(), None, ("17",), "no rates of state 17"),
        (invent_season(), None, STATES, "no rates of the season 2020"),
    ],
    ids=["too few", "no end", "no beginning", "no such day", "a stranger", "nothing left"],
)
def test_an_archive_that_cannot_teach_is_refused_in_one_sentence(
    rates: pd.DataFrame,
    final: dt.date | None,
    leave_out: tuple[str, ...],
    words: str,
    tmp_path: Path,
) -> None:
    ledger = keep(tmp_path / "archive", rates)
    with pytest.raises((ModelError, NothingThere), match=words):
        train_season(ledger, tmp_path, final=final, leave_out=leave_out)
    assert not find_trained(tmp_path).exists()


def test_an_empty_archive_says_how_to_fill_it(tmp_path: Path) -> None:
    with pytest.raises(NothingThere, match="outreach archive import"):
        train_season(Archive(tmp_path / "none"), tmp_path)
