"""Read which criteria a pack of evidence answers."""

import tomllib
from importlib import resources
from pathlib import Path

from pydantic import ValidationError

from outreach.errors import DataError
from outreach.reports.data.evidence import CriteriaEdition


def read_criteria(path: Path | None = None) -> CriteriaEdition:
    """Read the criteria of an edition from a file, or those that ship with the service.

    Raises
    ------
    DataError
        The file cannot be read, or is not a list of criteria.
    """
    shipped = resources.files("flows.steps.evidence") / "criteria.toml"
    name = str(path or "criteria.toml")
    todo = "Write it like the shipped file, flows/steps/evidence/criteria.toml."
    try:
        text = (path or shipped).read_text(encoding="utf-8")
        return CriteriaEdition.model_validate(tomllib.loads(text))
    except OSError as error:
        reason = error.strerror or "it cannot be opened"
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        reason = f"it is not TOML ({error})"
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(str(part) for part in fault["loc"]) or "the file"
        reason = f"'{place}' is missing or not as expected"
    raise DataError(f"The criteria file {name} cannot be used: {reason}.", todo)
