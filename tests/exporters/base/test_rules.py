"""Facts about platforms have a status and a source, and a user's own facts win."""

import datetime as dt
from pathlib import Path

import pytest

from outreach.catalog import read_words
from outreach.catalog.retell import retell
from outreach.errors import ExportError
from outreach.evidence import Status
from outreach.exporters.base.rules import list_old_facts, list_platforms, load_rules


def test_every_fact_has_a_source_and_every_platform_has_a_checklist() -> None:
    for platform in list_platforms():
        rules = load_rules(platform)
        assert rules.platform == platform
        assert all(fact.source for _, fact in rules.facts())
        duties = " ".join(item.value.lower() for item in rules.checklist)
        for duty in ("authorization", "disclaimer", "presence targeting", "special category"):
            assert duty in duties, (platform, duty)


@pytest.mark.parametrize(
    ("platform", "caps"),
    [
        ("google", {"locations": 10_500, "pins": 500}),
        ("microsoft", {"locations": 10_000, "pins": 2_000, "pin_name": 50}),
        ("meta", {"zips": 50_000, "pins": 200}),
        ("tiktok", {"zips": 1_500}),
        ("zips", {"zips": 10_000}),
    ],
)
def test_caps_match_the_reference_and_are_verified(platform: str, caps: dict[str, int]) -> None:
    stated = load_rules(platform).caps
    for name, value in caps.items():
        fact = getattr(stated, name)
        assert (fact.value, fact.status) == (value, Status.VERIFIED)


@pytest.mark.parametrize(
    ("platform", "low", "high"),
    [("google", 1, 800), ("microsoft", 1, 800), ("meta", 1, 80), ("dv360", 1, 800)],
)
def test_radius_bounds_in_kilometers_match_the_reference(
    platform: str, low: float, high: float
) -> None:
    radius = load_rules(platform).radius
    assert radius is not None
    assert (radius.unit.value, radius.minimum.value, radius.maximum.value) == ("km", low, high)


def test_a_users_fact_wins_and_names_its_source(tmp_path: Path) -> None:
    own = tmp_path / "google.toml"
    own.write_text(
        'caps.pins = {value = 400}\n[radius]\nstep = {value = 1, source = "our account manager"}\n'
    )
    rules = load_rules("google", tmp_path)
    assert rules.caps.pins is not None
    assert rules.radius is not None
    assert (rules.caps.pins.value, rules.caps.pins.status, rules.caps.pins.source) == (
        400,
        Status.USER,
        str(own),
    )
    assert (rules.radius.step.value, rules.radius.step.source) == (1, "our account manager")
    assert rules.caps.locations == load_rules("google").caps.locations
    assert load_rules("meta", tmp_path) == load_rules("meta")


def test_every_fact_says_when_it_was_compared_with_its_source() -> None:
    for platform in list_platforms():
        rules = load_rules(platform)
        assert {fact.checked for _, fact in rules.facts()} == {rules.checked}


def test_facts_are_old_after_six_months(tmp_path: Path) -> None:
    (tmp_path / "meta.toml").write_text(
        "caps.pins = {value = 150, checked = 2027-04-01}\ncaps.zips = {value = 9}\n"
    )
    rules = load_rules("meta", tmp_path)
    in_time = rules.checked + dt.timedelta(days=183)
    assert list_old_facts(rules, in_time) == []
    old = dict(list_old_facts(rules, in_time + dt.timedelta(days=1)))
    assert old["radius.minimum"] == rules.checked
    assert not {"caps.pins", "caps.zips"} & set(old)
    old = dict(list_old_facts(rules, dt.date(2028, 1, 1)))
    assert old["caps.pins"] == dt.date(2027, 4, 1)


def test_languages_are_the_platforms_own_codes() -> None:
    google = load_rules("google")
    assert google.name_languages(["en", "zh-Hant", "zh"]) == ["en", "zh_TW", "zh_CN;zh_TW"]
    assert google.name_languages(["es-Latn"]) == ["es"]
    assert google.name_languages(["en", "ht"]) == [], "one that is not known leaves all on"
    assert load_rules("microsoft").name_languages(["es"]) == ["Spanish"]
    assert load_rules("dv360").name_languages(["vi"]) == ["1040"]


def test_every_checklist_is_said_in_spanish() -> None:
    spanish = read_words("es")
    items = [item.value for name in list_platforms() for item in load_rules(name).checklist]
    assert [item for item in items if retell(item, spanish, "upload").lang] == []


def test_a_user_can_replace_the_checklist(tmp_path: Path) -> None:
    (tmp_path / "tiktok.toml").write_text('checklist = ["Ask the mayor."]')
    (item,) = load_rules("tiktok", tmp_path).checklist
    assert (item.value, item.status) == ("Ask the mayor.", Status.USER)


@pytest.mark.parametrize(
    "text",
    [
        "caps.pin = {value = 1}",
        "caps.pins = {value = 'many'}",
        "caps.pins = ",
        "caps = 3",
        "text.pauzed = {value = 'Paused'}",
        "x = {y = {z = 1}}",
        "radius.unit = {value = 'mi'}",
    ],
)
def test_a_wrong_user_file_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "meta.toml").write_text(text)
    with pytest.raises(ExportError, match=r"meta\.toml"):
        load_rules("meta", tmp_path)
