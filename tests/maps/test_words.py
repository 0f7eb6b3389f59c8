"""Every word of a page's scripts stands in the catalogs, and every one there is used."""

import re
from collections.abc import Iterator
from itertools import pairwise

import pytest

from maps import offline
from maps.atlas import pages
from outreach.catalog import read_words

SCRIPTS = sorted({*offline._SCRIPTS, *pages._SCRIPTS})
#: Two words in a row, or one that starts like a sentence.
PROSE = re.compile(r"[A-Za-z]{2,} [a-z]{2,}|^[A-Z][a-z]{2,}")
#: What strings are that no reader sees: names of classes, events, selectors, styles, and headers.
UNSEEN = re.compile(
    r"""class:\ $|addEventListener\($|dispatchEvent\($|\.on\($|matchMedia\($|querySelector(All)?\($
    |closest\($|className:\ $|className\ =\ $|setAttribute\("[\w-]+",\ $|step:\ $|style\.\w+\ =\ $
    |stroke-linejoin:\ $|font\ =\ $|swatch\([^)]*,\ $|type:\ $|key\ ===\ $""",
    re.VERBOSE,
)
KEYS = re.compile(r"""(?:say|phrase)\((?:[^"`()]*\? )?(["`])((?:(?!\1).)+)\1(?: : "([^"]+)")?""")


def list_strings(script: str) -> Iterator[tuple[str, str]]:
    """Yield each string of a script with the code before it; templates without what they fill in.

    It knows comments, the three kinds of quotes, and regular expressions after a bracket or comma.
    """
    token = re.compile(
        r"""//[^\n]*|/\*.*?\*/|(?P<regex>(?<=[(,=:] )/(?![/*])(?:\\.|\[[^\]]*\]|[^/\n\\])+/[a-z]*
        |(?<=\()/(?![/*])(?:\\.|\[[^\]]*\]|[^/\n\\])+/[a-z]*)
        |"(?P<double>(?:\\.|[^"\\])*)"|'(?P<single>(?:\\.|[^'\\])*)'
        |`(?P<template>(?:\\.|\$\{(?:[^{}]|\{[^{}]*\})*\}|[^`\\])*)`""",
        re.VERBOSE | re.DOTALL,
    )
    for found in token.finditer(script):
        before = script[max(0, found.start() - 40) : found.start()].rpartition("\n")[2]
        if found["template"] is not None:
            holes = re.findall(r"\$\{((?:[^{}]|\{[^{}]*\})*)\}", found["template"])
            yield (
                before,
                re.sub(r"\$\{(?:[^{}]|\{[^{}]*\})*\}", "\N{DIAMOND OPERATOR}", found[0][1:-1]),
            )
            for hole in holes:
                yield from list_strings(hole)
        elif (text := found["double"] or found["single"]) is not None:
            yield before, text


def find_prose(script: str) -> list[str]:
    """Return the strings of a script that read like words for people."""
    return [
        text
        for before, text in list_strings(script)
        if PROSE.search(text) and not UNSEEN.search(before) and text != "use strict"
    ]


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_script_holds_words_for_people(name: str) -> None:
    assert find_prose(offline.read_asset(f"{name}.js")) == []


def test_words_for_people_would_be_found() -> None:
    script = 'a("Close"); b(`about ${x ? "no homes" : y} in all`); c({ class: "row wide" });'
    assert find_prose(script) == ["Close", "about \N{DIAMOND OPERATOR} in all", "no homes"]


def list_keys() -> set[str]:
    """Return the keys that scripts and page of the map say; * stands for what is filled in."""
    keys = set()
    for name in SCRIPTS:
        for _, first, second in KEYS.findall(offline.read_asset(f"{name}.js")):
            keys |= {re.sub(r"\$\{[^}]*\}", "*", key) for key in (first, second) if key}
    keys |= set(re.findall(r'data-say(?:-[\w-]+)?="([^"]+)"', offline.read_asset("map.html.j2")))
    return keys


def test_every_key_of_the_scripts_is_in_the_catalog() -> None:
    english = read_words("en")
    known = set(english.pick("map"))
    known |= {f"reason.{key}" for key in english.pick("sentence.reason")}
    known |= {f"term.{key}" for key in english.pick("sentence.term")}
    patterns = {key: re.compile(re.escape(key).replace(r"\*", r"[\w.]+")) for key in list_keys()}
    lost = [key for key, pattern in patterns.items() if not any(map(pattern.fullmatch, known))]
    assert lost == []
    assert len(patterns) > 60


def test_sections_of_the_catalog_stand_in_one_place() -> None:
    order = [key.split(".")[0] for key in read_words("en").texts]
    firsts = [name for before, name in pairwise(["", *order]) if before != name]
    assert len(firsts) == len(set(firsts))
