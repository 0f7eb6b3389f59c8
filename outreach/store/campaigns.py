"""Find the campaign files that the service's folder keeps.

They are in ``campaigns/`` below the service's folder. A campaign goes by its file's name without
the ending, such as ``chicago-2020``; the portal and the forms of the flows list these names.
"""

import re
from pathlib import Path

from outreach.campaign import Campaign, read_campaign
from outreach.errors import CampaignError
from outreach.phrasing import list_names

#: What a campaign may go by: it is part of addresses and of commands.
NAME_PATTERN = r"^[a-z0-9][a-z0-9-]{0,59}$"
_NAME = re.compile(NAME_PATTERN)
#: Most names that a sentence lists.
_LISTED = 12


def survey_campaigns(home: Path) -> tuple[dict[str, Campaign], dict[str, CampaignError]]:
    """Read every campaign file, also where another one has a fault.

    Returns
    -------
    campaigns : dict
        Name to campaign, in alphabetical order.
    faulty : dict
        File name to what is wrong with it.
    """
    campaigns, faulty = {}, {}
    for path in sorted((home / "campaigns").glob("*.toml")):
        try:
            _check_name(path)
            campaigns[path.stem] = read_campaign(path)
        except CampaignError as error:
            faulty[path.name] = error
    return campaigns, faulty


def read_kept_campaign(home: Path, name: str) -> Campaign:
    """Read one campaign by its name.

    Raises
    ------
    CampaignError
        The service's folder has no campaign of this name, or its file has a fault.
    """
    path = home / "campaigns" / f"{name}.toml"
    if _NAME.match(name) and path.is_file():
        return read_campaign(path)
    names = sorted(path.stem for path in (home / "campaigns").glob("*.toml"))
    if names:
        raise CampaignError(
            f"There is no campaign '{name}' in {home / 'campaigns'}.",
            f"Choose from: {list_names(names, _LISTED)}.",
        )
    raise CampaignError(
        f"There is no campaign in {home / 'campaigns'}.",
        f"Put a campaign file there, such as {home / 'campaigns' / 'my-city.toml'}; 'outreach init'"
        " writes one to start from.",
    )


def read_requested_campaign(home: Path, requested: Path) -> Campaign:
    """Read the campaign that a person names: a file, or a campaign of the service's folder.

    Parameters
    ----------
    home
        The service's folder.
    requested
        A path; or a name such as ``chicago-2020``, if there is no such file.

    Raises
    ------
    CampaignError
        There is neither, or the file has a fault.
    """
    is_name = _NAME.match(str(requested)) is not None and not requested.exists()
    if is_name and any((home / "campaigns").glob("*.toml")):
        return read_kept_campaign(home, str(requested))
    return read_campaign(requested)


def _check_name(path: Path) -> None:
    """Refuse a file whose name cannot be part of an address."""
    if not _NAME.match(path.stem):
        raise CampaignError(
            f"The campaign file {path} needs another name.",
            "Use lowercase letters, digits, and hyphens, such as my-city-2020.toml.",
        )
