"""An indicator is read in its unit, or refused with what to correct."""

from pathlib import Path
from typing import Any

import pytest

from flows.steps.check.files import check_files
from flows.steps.indicators.read import list_own_predictors, read_indicator, read_indicators
from outreach.campaign import Indicator
from outreach.errors import CampaignError, InputError
from outreach.settings import Settings
from tests.builders import make_campaign

FILE = "geoid,now,before,calls\n99001010100,8,7,120\n99001010200,12.5,,80\n99001010300,,9,0\n"


def declare(path: Path, **changes: Any) -> dict[str, Any]:
    """Return an indicator as a campaign file has it."""
    return {
        "name": "asthma",
        "title": "Adults with asthma",
        "file": str(path),
        "tract_column": "geoid",
        "value_column": "now",
        "unit": "percent",
        "vintage": 2019,
        "source": "Health Department",
        **changes,
    }


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.csv"
    path.write_text(FILE)
    return path


def read(path: Path, **changes: Any) -> Any:
    return read_indicators(make_campaign(indicators=[declare(path, **changes)]))[0]


def test_percentages_become_shares_and_blanks_are_counted(file: Path) -> None:
    pull = read(file)
    table = pull.now.table
    assert table.columns.tolist() == ["indicator_asthma_share"]
    assert table["indicator_asthma_share"].dropna().to_dict() == {
        "99001010100": 0.08,
        "99001010200": 0.125,
    }
    assert pull.now.source.vintage == 2019
    assert "Health Department" in pull.now.source.address
    assert pull.now.source.note == (
        "The indicator 'Adults with asthma' has no figure for 1 tract of its file."
    )
    assert pull.then is None


def test_a_class_in_words_is_a_share_and_one_that_no_tract_has_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "strategy.csv"
    path.write_text(
        "geoid,strategy\n99001010100,Internet First\n99001010200,internet first \n"
        "99001010300,Internet Choice\n99001010400,\n"
    )
    strategy = {
        "name": "internet_first",
        "title": "Letter with internet first",
        "value_column": "strategy",
        "unit": "share",
    }
    pull = read(path, **strategy, value_is="Internet First")
    shares = pull.now.table["indicator_internet_first_share"]
    assert shares.dropna().tolist() == [1, 1, 0]
    assert "has no figure for 1 tract" in pull.now.source.note
    with pytest.raises(
        InputError,
        match=r"no cell of strategy is 'Paper'; it has 'Internet Choice', 'Internet First'",
    ):
        read(path, **strategy, value_is="Paper")
    # Words are no numbers without it.
    with pytest.raises(InputError, match="Internet First"):
        read(path, **strategy)


def test_classes_are_words_as_the_campaign_writes_them_and_others_are_refused(
    tmp_path: Path,
) -> None:
    path = tmp_path / "strategy.csv"
    path.write_text(
        "geoid,strategy\n99001010100,Internet First\n99001010200,internet first \n"
        "99001010300,Update Leave\n99001010400,\n"
    )
    strategy = {"name": "contact", "title": "Contact", "value_column": "strategy", "unit": "class"}
    pull = read(path, **strategy, classes=["Internet First", "Update Leave"])
    words = pull.now.table["indicator_contact_class"]
    assert words.dropna().tolist() == ["Internet First", "Internet First", "Update Leave"]
    assert "has no figure for 1 tract" in pull.now.source.note
    with pytest.raises(
        InputError,
        match=(
            r"strategy of tract 99001010300 is 'Update Leave', which is not among the classes; the"
            r" file has 'Internet First', 'Update Leave'\. Add it to classes"
        ),
    ):
        read(path, **strategy, classes=["Internet First", "Internet Choice"])


def test_a_plan_gets_the_figures_of_the_eve_in_the_same_column(file: Path) -> None:
    indicator = Indicator(**declare(file, predictor=True, last_column="before", last_vintage=2009))
    pull = read_indicator(indicator, file, "mine.csv")
    assert pull.then is not None
    assert pull.then.table["indicator_asthma_share"].tolist()[0] == 0.07
    assert pull.then.source.vintage == 2009
    assert pull.then.source.address == "mine.csv (before), Health Department"


@pytest.mark.parametrize(
    ("unit", "form", "name"),
    [
        ("percent", "share", "indicator_asthma_share"),
        ("count", "ratio", "indicator_asthma_ratio"),
        ("usd", "log", "indicator_asthma_log"),
        ("index", "value", "indicator_asthma_score"),
    ],
)
def test_only_what_is_wished_becomes_a_predictor(unit: str, form: str, name: str) -> None:
    wished = Indicator(**declare(Path("mine.csv"), unit=unit, predictor=True))
    (predictor,) = list_own_predictors([wished, wished.model_copy(update={"predictor": False})])
    assert (predictor.form, predictor.name) == (form, name)
    assert predictor.parts == (wished.column,)


@pytest.mark.parametrize(
    ("changes", "error", "sentence"),
    [
        ({"unit": "share"}, InputError, "now of tract 99001010100 is 8, not a share from 0 to 1"),
        ({"value_column": "asthma"}, InputError, "has no column asthma. Its columns are geoid"),
        ({"file": "gone.csv"}, InputError, "Cannot read gone.csv"),
        (
            {"predictor": True, "title": "Asian residents"},
            CampaignError,
            "is about 'Asian residents' (asian), a protected trait",
        ),
        (
            {"predictor": True, "title": "Hispanic or Latino"},
            CampaignError,
            "(hispanic), a protected trait",
        ),
    ],
)
def test_what_cannot_be_used_is_named(
    file: Path, changes: dict[str, Any], error: type[Exception], sentence: str
) -> None:
    with pytest.raises(error) as caught:
        read(file, **changes)
    assert sentence in str(caught.value)


def test_a_predictor_that_is_the_same_everywhere_is_refused(file: Path) -> None:
    file.write_text("geoid,now\n99001010100,8\n99001010200,8\n")
    assert read(file).now.table["indicator_asthma_share"].tolist() == [0.08, 0.08]
    with pytest.raises(InputError, match="is 8 in every tract, so nothing can be learned"):
        read(file, predictor=True)


def test_percentages_that_look_like_shares_are_noted(file: Path) -> None:
    rows = "".join(f"990010{number:05d},0.{number:02d}\n" for number in range(1, 31))
    file.write_text(f"geoid,now\n{rows}")
    assert "If they are shares from 0 to 1" in read(file).now.source.note


def test_the_check_of_a_campaign_reads_every_indicator(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("geoid,now\n17031010100,8\n")
    campaign = make_campaign(
        indicators=[
            declare(file),
            declare(other, name="elsewhere"),
            declare(tmp_path / "gone.csv", name="gone"),
        ]
    )
    findings = list(check_files(campaign, Settings(home=tmp_path), None))  # type: ignore[arg-type]  no file is at a web address
    faults = [finding.sentence for finding in findings if finding.is_fault]
    assert len(faults) == 2
    assert faults[0].startswith("'indicators[2]': no tract of")
    assert faults[1].startswith("'indicators[3]': Cannot read")
    assert [each.sentence for each in findings if not each.is_fault] == [
        "'indicators[1]': The indicator 'Adults with asthma' has no figure for 1 tract of its file."
    ]


def test_earlier_times_are_columns_of_their_own(file: Path) -> None:
    pull = read(file, earlier={"2017": "before"})
    table = pull.now.table
    assert table.columns.tolist() == ["indicator_asthma_share", "indicator_asthma_2017_share"]
    assert table["indicator_asthma_2017_share"].dropna().to_dict() == {
        "99001010100": 0.07,
        "99001010300": 0.09,
    }
    assert pull.now.source.sha256 != read(file).now.source.sha256
    assert pull.indicator.columns == {
        "2017": "indicator_asthma_2017_share",
        "2019": "indicator_asthma_share",
    }
    file.write_text(FILE.replace(",7,", ",700,"))
    with pytest.raises(InputError, match="before of tract 99001010100 is 700"):
        read(file, earlier={"2017": "before"})
