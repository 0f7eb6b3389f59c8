"""Choose the languages of pages."""

import click

#: The option of every command that writes pages in several languages.
LANGUAGES = click.option(
    "--language",
    "languages",
    multiple=True,
    metavar="CODE",
    default=("en", "es"),
    show_default=True,
    help="Language of the pages; repeat for several.",
)
