"""Hand out the result of a real test, combine it with others, and refuse what does not fit."""

import json
import re
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from flows.trial.measure import measure_test
from flows.trial.pool import make_city_result, pool_results, write_result_text
from outreach.catalog import list_languages, read_words
from outreach.cli import cli
from outreach.errors import ModelError, NothingThere
from outreach.reports.data.pooled import CityResult
from outreach.settings import Settings, read_settings
from outreach.store import Store
from tests.flows.trial.tested_town import PLANTED, fill_archive, keep_town, make_town
from tests.twins import list_faults, read_pages, read_texts


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Return a home with an approved run whose test was read out."""
    folder = tmp_path_factory.mktemp("pool")
    town = make_town(folder, "zips")
    settings = read_settings(home=folder / "home")
    Store(settings.runs_folder).approve(keep_town(settings, town), "Ada Lovelace")
    fill_archive(settings, town, PLANTED, "2020-07-10")
    with pytest.raises(NothingThere, match="has no final result yet"):
        make_city_result(settings)
    measure_test(settings, spent_usd=5000)
    return settings


@pytest.fixture(scope="module")
def own(measured: Settings) -> CityResult:
    return make_city_result(measured, city="Durham")


def keep_cities(folder: Path, own: CityResult, shares: dict[str, float]) -> list[Path]:
    """Write results files of further cities with tests like our own."""
    files = []
    for number, (city, share) in enumerate(shares.items()):
        result = own.model_copy(
            update={
                "city": city,
                "plan_digest": f"{number:064x}",
                "estimate_share": share,
                "low_share": share - 2 * own.standard_error_share,
                "high_share": share + 2 * own.standard_error_share,
            }
        )
        files.append(folder / f"{number}.json")
        files[-1].write_text(write_result_text(result))
    return files


def test_a_results_file_holds_the_readout_and_no_area(measured: Settings, own: CityResult) -> None:
    written = json.loads(
        (next((measured.home / "measurements").iterdir()) / "effect.json").read_text()
    )
    text = write_result_text(own)
    assert own.estimate_share == written["flight"]["effect"]["middle"]
    assert own.standard_error_share == written["flight"]["standard_error_share"]
    assert own.plan_digest == written["plan_digest"]
    assert own.design.days_count == 28
    assert own.design.unit_kind == "zips"
    assert (own.spent_usd, own.spend_reported) == (5000, True)
    # Units of the town are named 99001..., and no word of them leaves the house.
    assert "99001" not in text
    assert not {"campaign", "run_id", "arms", "left_out_units"} & set(json.loads(text))


def test_cities_are_combined_into_pages_a_table_and_a_record(
    own: CityResult, tmp_path: Path
) -> None:
    files = keep_cities(tmp_path, own, {"Durham": 0.019, "Hartford": 0.004, "El Paso": 0.011})

    readout, names = pool_results(files, tmp_path / "together")

    assert names == ["pooled.csv", "pooled.es.html", "pooled.html", "pooled.json"]
    assert [part.result.city for part in readout.cities] == ["Durham", "El Paso", "Hartford"]
    assert readout.fixed.estimate_share == pytest.approx((0.019 + 0.004 + 0.011) / 3)
    table = pd.read_csv(tmp_path / "together" / "pooled.csv", index_col="city")
    assert table.loc["Hartford", "effect_points"] == pytest.approx(0.4)
    assert table["fixed_weight_percent"].sum() == pytest.approx(100, abs=0.01)
    record = json.loads((tmp_path / "together" / "pooled.json").read_text())
    assert record["random"]["estimate_share"] == pytest.approx(readout.random.estimate_share)
    for code in list_languages():
        name = "pooled.html" if code == "en" else f"pooled.{code}.html"
        page = (tmp_path / "together" / name).read_text()
        assert all(city in page for city in ("Durham", "El Paso", "Hartford"))
        assert f'lang="{code}"' in page
    pages = read_pages(tmp_path / "together")
    assert list_faults(pages, ("Durham", "El Paso", "Hartford")) == {}
    assert read_texts(pages["pooled.es.html"])[1] == ["English"]


def test_a_null_result_counts_and_can_turn_the_verdict(own: CityResult, tmp_path: Path) -> None:
    shares = {f"City {number}": 0.012 for number in range(4)}
    files = keep_cities(tmp_path, own, shares | {"Null": -0.03})

    whole, _ = pool_results(files, tmp_path / "all")
    without, _ = pool_results(files[:-1], tmp_path / "some")

    assert without.random.sign == 1
    assert whole.random.sign == 0
    page = (tmp_path / "all" / "pooled.html").read_text()
    assert "Without one of these cities the verdict would be another: Null." in page


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda _: "<html>busy</html>", "results file .* cannot be read"),
        (lambda text: text.replace("test result 1", "test result 9"), "cannot be read"),
        (lambda text: text.replace('"days_count":28', '"days_count":14'), "days of the flight of"),
        (lambda text: text.replace('"city":"Hartford"', '"city":"Durham"'), "two results"),
    ],
    ids=["HTML", "another form", "another design", "one name twice"],
)
def test_what_does_not_fit_is_refused_and_nothing_is_written(
    own: CityResult, tmp_path: Path, change: object, sentence: str
) -> None:
    files = keep_cities(tmp_path, own, {"Durham": 0.019, "Hartford": 0.004})
    assert callable(change)
    files[1].write_text(change(files[1].read_text()))

    with pytest.raises(ModelError, match=sentence):
        pool_results(files, tmp_path / "together")

    assert not (tmp_path / "together").exists()


def test_the_same_test_under_two_names_is_refused(own: CityResult, tmp_path: Path) -> None:
    files = keep_cities(tmp_path, own, {"Durham": 0.019, "Hartford": 0.004})
    files[1].write_text(files[1].read_text().replace(f"{1:064x}", f"{0:064x}"))

    with pytest.raises(ModelError, match="Durham and Hartford are of the same test"):
        pool_results(files, tmp_path / "together")


def test_unlike_designs_are_combined_only_knowingly(own: CityResult, tmp_path: Path) -> None:
    files = keep_cities(tmp_path, own, {"Durham": 0.019, "Hartford": 0.004})
    text = files[1].read_text().replace('"days_count":28', '"days_count":14')
    other = str(read_words("en").texts["sentence.method.ancova"])
    files[1].write_text(text.replace(own.design.method, other))

    readout, _ = pool_results(files, tmp_path / "together", accept_unlike=True)

    days = "The number of days of the flight of Durham is '28', that of Hartford '14'."
    assert days in readout.unlike
    assert len(readout.unlike) == 2
    pages = read_pages(tmp_path / "together")
    assert "that of Hartford" in pages["pooled.html"]
    assert (
        "Número de días del periodo de Durham: «28»; de Hartford: «14»." in pages["pooled.es.html"]
    )
    assert "de Hartford: «ANCOVA del cambio en la respuesta" in pages["pooled.es.html"]
    assert list_faults(pages, ("Durham", "Hartford")) == {}


def test_looks_are_told_compared_and_unknown_in_older_files(
    own: CityResult, tmp_path: Path
) -> None:
    assert own.design.looks == ()
    files = keep_cities(tmp_path, own, {"Durham": 0.019, "Hartford": 0.004})
    text = files[1].read_text()
    files[1].write_text(text.replace('"looks":[]', '"looks":[0.5,0.75]'))
    with pytest.raises(ModelError, match=r"of Durham is 'none', that of Hartford '0.5, 0.75'"):
        pool_results(files, tmp_path / "together")
    pool_results(files, tmp_path / "together", accept_unlike=True)
    pages = read_pages(tmp_path / "together")
    looked = "p-value pay: Hartford at 50% and 75% of its flight."
    assert looked in re.sub("[\u2066-\u2069]", "", pages["pooled.html"])
    assert list_faults(pages, ("Durham", "Hartford")) == {}
    table = pd.read_csv(tmp_path / "together" / "pooled.csv", index_col="city")
    assert table.loc["Hartford", "looks"] == "0.5 0.75"

    # A file of an earlier version does not tell its looks, and fits either way.
    files[0].write_text(files[0].read_text().replace(',"looks":[]', ""))
    readout, _ = pool_results(files, tmp_path / "older")
    assert readout.unlike == ()


def test_the_commands_export_and_combine(
    measured: Settings, own: CityResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUTREACH_HOME", str(measured.home))
    monkeypatch.chdir(tmp_path)
    others = keep_cities(tmp_path, own, {"Hartford": 0.004, "El Paso": 0.011})

    first = CliRunner().invoke(cli, ["pool", "export", "--city", "Durham", "--into", "own.json"])
    second = CliRunner().invoke(
        cli, ["pool", "combine", "own.json", *map(str, others), "--into", "together"]
    )

    assert first.exit_code == 0, first.output
    assert "without any area or list" in first.output
    assert second.exit_code == 0, second.output
    assert "in 3 cities" in second.output
    assert (tmp_path / "together" / "pooled.html").exists()
