"""What is written into the name of a campaign is read out of it again."""

import pytest

from outreach.ad_names import TAG_LENGTH, AdName, read_ad_name, write_ad_name, write_part
from outreach.units import Arm

HASH = "96fd442c511320813ff" + "0" * 45


@pytest.mark.parametrize("languages", [(), ("en",), ("en", "zh-Hans")])
@pytest.mark.parametrize("part", [1, 12])
@pytest.mark.parametrize("tag", [HASH, "2020-10-16T14-05-09-town"])
@pytest.mark.parametrize("campaign", ["Town", "A | treat | b", "=1+1", ""])
def test_a_name_comes_back(campaign: str, tag: str, part: int, languages: tuple[str, ...]) -> None:
    text = write_ad_name(campaign, tag, write_part(languages, part), 255)
    read = read_ad_name(text)
    assert read is not None
    assert (read.arm, read.tag) == (Arm.TREAT, tag[:TAG_LENGTH])
    assert (read.languages, read.part) == (languages, part)
    assert read_ad_name(f"  {text.replace(' | ', '|')} ") == AdName(
        read.campaign.replace(" | ", "|"), read.arm, read.tag, read.languages, read.part
    )


def test_only_the_planners_name_is_shortened() -> None:
    text = write_ad_name("A very long name of a campaign", HASH, "es | part 2", 45)
    assert len(text) <= 45
    assert text.endswith(f" | treat | {HASH[:TAG_LENGTH]} | es | part 2")


@pytest.mark.parametrize("text", ["", "Parks", "Town | treat", "Town | test | 96fd442c51", "a|b|c"])
def test_other_names_say_nothing(text: str) -> None:
    assert read_ad_name(text) is None
