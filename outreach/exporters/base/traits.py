"""Keep protected traits out of every file."""

import re

import pandas as pd

from outreach.errors import ExportError

#: Words in a column's name that say it holds a protected trait.
_TRAITS = re.compile(
    r"rac(e|es|ial)|ethnic\w*|hispanics?|latin[aox]s?|nativity|native|foreign|born|immigra\w*"
    r"|(non)?citizen\w*|nationality|ancestry|religio\w*|bl(ac)?k|white|asian|aian|nhop?i|tribal"
)

#: Languages are not traits, because ads need them (``..._indo_european_english_...``).
_LANGUAGES = frozenset(("language", "languages", "english", "lang"))


def refuse_protected_traits(table: pd.DataFrame) -> None:
    """Refuse a table that carries a protected trait.

    Race, ethnicity, nativity, citizenship, and religion are never an input to an ad.

    Raises
    ------
    ExportError
        A column's name says that it holds a protected trait.
    """
    for column in table.columns:
        words = re.split(r"[^a-z]+", str(column).lower())
        if any(map(_TRAITS.fullmatch, words)) and _LANGUAGES.isdisjoint(words):
            raise ExportError(
                f"The targets have the column '{column}', which names a protected trait.",
                "Remove it from the list. Such traits are never an input to an ad file.",
            )
