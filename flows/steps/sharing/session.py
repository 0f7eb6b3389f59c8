"""Begin work with what the team has, and end it by sharing what came of it."""

import contextlib
from collections.abc import Iterator

from flows.steps.sharing.mirror import pull_home, push_home
from outreach.errors import StorageError
from outreach.settings import Settings
from outreach.storage import open_bucket


@contextlib.contextmanager
def share_home(settings: Settings) -> Iterator[None]:
    """Pull before the block and push after it, if the team shares a bucket; else do nothing.

    Raises
    ------
    SettingsError, StorageError
        The bucket cannot be used. After a failed push the work of the block is whole on this
        machine, and ``outreach storage push`` sends it later.
    """
    address, endpoint = settings.find_storage()
    if not address:
        yield
        return
    bucket = open_bucket(address, endpoint)
    pull_home(settings, bucket)
    yield
    try:
        push_home(settings, bucket)
    except StorageError as error:
        raise StorageError(
            f"{error.what} What was just made is whole on this machine.",
            "Once the storage answers, send it with 'outreach storage push'.",
        ) from error
