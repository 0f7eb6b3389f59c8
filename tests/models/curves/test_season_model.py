import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from models.curves.curve_features import read_curve_features
from models.curves.season_file import SEASONS, load_season_model, save_season_model
from models.curves.season_model import SeasonModel
from models.curves.trajectory import build_trajectories
from models.training.fit import SeasonFit, fit_season
from outreach.errors import ModelError, NothingThere

Invent = Callable[..., pd.DataFrame]
START, FINAL = date(2020, 3, 20), date(2020, 10, 16)


def test_areas_never_seen_are_forecast_far_better_than_by_mean_growth(fitted: SeasonFit) -> None:
    for day in (14, 30, 60):
        errors = fitted.held_out[fitted.held_out["day"] == day]
        growth = errors["final_share"] - errors["level_share"]
        naive = (growth - growth.mean()).abs().mean()
        assert (errors["final_share"] - errors["forecast_share"]).abs().mean() < 0.75 * naive


def test_the_same_archive_and_seed_give_the_same_season(invent: Invent, tmp_path: Path) -> None:
    rates = invent(3, states=3, tracts=15)
    files = []
    for name in ("a", "b"):
        fit = fit_season(
            rates.sample(frac=1),
            name="x",
            start=START,
            final=FINAL,
            folds=3,
            members=2,
            hidden=(6,),
        )
        save_season_model(fit.model, tmp_path / name)
        files.append((tmp_path / name).read_bytes())
    assert files[0] == files[1]


def test_a_saved_season_model_forecasts_as_before(
    fitted: SeasonFit, invent: Invent, tmp_path: Path
) -> None:
    curves = build_trajectories(invent(4, states=2), START)
    features = read_curve_features(curves, 30)
    save_season_model(fitted.model, tmp_path / "s.json")
    again = load_season_model(tmp_path / "s.json")
    before, after = (
        season.forecast_growth(features, 30)["growth_share"] for season in (fitted.model, again)
    )
    assert np.abs(before - after).max() < 0.003
    assert again.provenance["states"] == [f"{s:02d}" for s in range(1, 9)]


def test_a_file_of_another_format_or_with_figures_that_do_not_fit_is_refused(
    fitted: SeasonFit, tmp_path: Path
) -> None:
    save_season_model(fitted.model, tmp_path / "s.json")
    stored = json.loads((tmp_path / "s.json").read_text())
    network, forms = stored["networks"][0], stored["quadratics"]
    unfit: list[dict[str, Any]] = [
        {"days": "x"},
        {"days": stored["days"][::-1]},
        {"growth_mean": stored["growth_mean"][1:]},
        {"networks": []},
        {"provenance": {"states": ["01"]}},
        {"networks": [stored["spread"]]},
        {"networks": [{**network, "biases": network["biases"][1:]}]},
        {"networks": [{**network, "weights": network["weights"][:1] * 2}]},
        {"feature_scale": [[None] * len(row) for row in stored["feature_scale"]]},
        {"intervals": {**stored["intervals"], "levels": [0.5]}},
        {"pace": {**stored["pace"], "cuts": [0.5]}},
        {"area_intervals": {**stored["area_intervals"], "levels": [0.5]}},
        {"quadratic_weight": stored["quadratic_weight"][1:]},
        {"quadratics": {**forms, "days": forms["days"][1:]}},
        {"quadratics": {**forms, "coefficient_thousandths": [[1] * 6] * len(forms["days"])}},
    ]
    for spoiled, message in [
        ({"format": 99}, "format 99"),
        *((part, "not a season model") for part in unfit),
    ]:
        (tmp_path / "t.json").write_text(json.dumps(stored | spoiled))
        with pytest.raises(ModelError, match=message):
            load_season_model(tmp_path / "t.json")


@pytest.mark.parametrize(
    ("content", "words"),
    [("", "is empty"), ('{"format"', "damaged or cut off"), ("[]", "not hold what it should")],
)
def test_a_damaged_season_model_is_one_sentence(tmp_path: Path, content: str, words: str) -> None:
    (tmp_path / "t.json").write_text(content)
    with pytest.raises(ModelError, match=rf"t\.json is not a season model: .*{words}"):
        load_season_model(tmp_path / "t.json")


def test_an_unknown_season_model_lists_the_shipped_ones() -> None:
    with pytest.raises(ModelError, match="2020"):
        load_season_model("1890")


def test_a_day_before_the_models_first_is_refused(fitted: SeasonFit, invent: Invent) -> None:
    features = read_curve_features(build_trajectories(invent(4, states=1), START), 5)
    with pytest.raises(ModelError, match="too early"):
        fitted.model.forecast_growth(features, 5)


def test_features_of_another_version_are_refused(fitted: SeasonFit, invent: Invent) -> None:
    features = read_curve_features(build_trajectories(invent(4, states=1), START), 30)
    with pytest.raises(ModelError, match="now_level"):
        fitted.model.forecast_growth(features.drop(columns="now_level"), 30)


def test_an_archive_without_the_final_day_is_refused(invent: Invent) -> None:
    rates = invent(3, states=3, tracts=15)
    with pytest.raises(ModelError, match="final day"):
        fit_season(rates[rates["data_date"] < "2020-09-01"], name="x", start=START, final=FINAL)


def test_a_gap_is_bridged_by_elapsed_time_not_by_rows() -> None:
    dates = pd.to_datetime(["2020-03-23", "2020-03-24", "2020-03-28"])
    rates = pd.DataFrame(
        {"data_date": dates, "cumulative_share": [0.1, 0.2, 0.4], "internet_share": [0.1, 0.1, 0.3]}
    )
    rates.index = pd.Index(["01001000100"] * 3, name="geoid")
    curves = build_trajectories(rates, START)
    assert curves.cumulative_at(6)[0] == pytest.approx(0.3)
    assert read_curve_features(curves, 8)["now_gain_3d"].iloc[0] == pytest.approx(0.15)
    assert curves.published_days == (3, 4, 8)


def test_later_rates_do_not_change_a_feature(invent: Invent) -> None:
    rates = invent(5, states=1)
    early = rates[rates["data_date"] <= pd.Timestamp(START) + pd.Timedelta(days=30)]
    pd.testing.assert_frame_equal(
        read_curve_features(build_trajectories(rates, START).until(30), 30),
        read_curve_features(build_trajectories(early, START), 30),
    )


def test_a_day_before_the_archive_begins_is_refused(invent: Invent) -> None:
    curves = build_trajectories(invent(5, states=1), START)
    with pytest.raises(NothingThere, match="day 2"):
        curves.until(2)


def test_the_shipped_model_has_parameters_and_no_tract() -> None:
    path = SEASONS / "2020.json"
    text = path.read_text()
    assert path.stat().st_size < 250_000
    assert not re.search(r"\d{11}", text)
    season: SeasonModel = load_season_model("2020")
    assert len(season.provenance["states"]) == 49
    assert season.provenance["last_data_date"] == "2020-10-16"
    assert {event.status for event in season.events} <= {"verified", "assumed"}
    assert all(
        event.source.startswith("https://") for event in season.events if event.status == "verified"
    )


@pytest.mark.real
def test_the_shipped_model_is_no_worse_on_a_state_than_its_stated_error(real_data: Path) -> None:
    frame = pd.read_parquet(real_data / "responserate" / "state_10.parquet")
    rates = pd.DataFrame(
        {
            "data_date": pd.to_datetime(frame["RESP_DATE"]),
            "cumulative_share": frame["CRRALL"].astype(float).round(1) / 100,
            "internet_share": frame["CRRINT"].astype(float).round(1) / 100,
        }
    ).set_index(pd.Index(frame["GEO_ID"].str[-11:], name="geoid"))
    curves, season = build_trajectories(rates, START), load_season_model("2020")
    forecast = season.forecast_growth(read_curve_features(curves.until(30), 30), 30)[
        "growth_share"
    ].to_numpy()
    miss = np.abs(curves.cumulative_at(210) - curves.cumulative_at(30) - forecast).mean()
    assert 0.005 < miss < 1.25 * season.provenance["held_out_mae_share"]["30"]
