"""ZIP lists have five digits on each line and stay within the platforms' limits."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outreach.exporters.tiktok import write_tiktok
from outreach.exporters.zips import write_zips

CODES = st.sets(st.from_regex(r"[0-9]{5}", fullmatch=True), min_size=1, max_size=50)


def test_the_plain_list_and_the_one_with_the_country(bench: Any) -> None:
    plain, comma, country, campaigns = write_zips(
        bench.targets(zips=["00501", "60601"]), bench.context()
    )
    assert (plain.name, plain.content) == ("zips.txt", b"00501\r\n60601\r\n")
    assert (comma.name, comma.content) == ("zips_comma.txt", b"00501,60601\r\n")
    assert b",2020-05-28,2020-10-15,282,2,," in campaigns.content
    assert (country.name, country.content) == ("zips_country.csv", b"USA,00501\r\nUSA,60601\r\n")


def test_a_tiktok_list_ends_at_1500_zips(bench: Any) -> None:
    targets = bench.targets(zips=[f"{number:05d}" for number in range(3001)])
    *files, campaigns = write_tiktok(targets, bench.context())
    assert campaigns.content.count(b"\r\n") == 4
    assert [file.name for file in files] == [
        f"tiktok-zips-part-{number}-of-3.txt" for number in (1, 2, 3)
    ]
    assert [len(file.content.split()) for file in files] == [1500, 1500, 1]
    assert files[0].content.startswith(b"00000\r\n00001\r\n")


@settings(max_examples=30)
@given(codes=CODES, cap=st.integers(1, 60))
def test_every_zip_is_in_one_part_with_its_zeros(
    bench: Any, tmp_path_factory: pytest.TempPathFactory, codes: set[str], cap: int
) -> None:
    folder = tmp_path_factory.mktemp("rules")
    for platform in ("tiktok", "zips"):
        (folder / f"{platform}.toml").write_text(f"caps.zips = {{value = {cap}}}")
    context, targets = bench.context(rules_folder=folder), bench.targets(zips=sorted(codes))
    lists = [
        file.content.decode().split("\r\n")[:-1] for file in write_tiktok(targets, context)[:-1]
    ]
    assert [code for lines in lists for code in lines] == sorted(codes)
    assert all(1 <= len(lines) <= cap for lines in lists)
    plain, comma, *parts, _ = write_zips(targets, context)
    assert comma.content.decode().strip().split(",") == sorted(codes)
    assert plain.content.decode().split() == sorted(codes)
    lines = [line for part in parts for line in part.content.decode().split()]
    assert lines == [f"USA,{code}" for code in sorted(codes)]
    assert all(len(part.content.split()) <= cap for part in parts)


def test_more_than_5000_zips_come_in_parts_of_5000_too(bench: Any) -> None:
    targets = bench.targets(zips=[f"{number:05d}" for number in range(10_001)])
    files = {file.name: file.content for file in write_zips(targets, bench.context())}
    small = [content for name, content in files.items() if name.startswith("zips_small")]
    assert [len(content.split()) for content in small] == [5000, 5000, 1]
    country = [content for name, content in files.items() if name.startswith("zips_country")]
    assert [len(content.split()) for content in country] == [10_000, 1]
    assert b"".join(small) == files["zips.txt"]
