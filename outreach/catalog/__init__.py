"""Hold the words of all pages, one file per language.

Reports, maps, and atlas take their texts from here. ``en.toml`` says how to add a language.
"""

from outreach.catalog.read import MOTHER, list_languages, name_untranslated, read_all, read_words
from outreach.catalog.words import Text, Texts, Words

__all__ = [
    "MOTHER",
    "Text",
    "Texts",
    "Words",
    "list_languages",
    "name_untranslated",
    "read_all",
    "read_words",
]
