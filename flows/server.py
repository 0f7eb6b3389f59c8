"""Prefect's own settings for this service; call before Prefect is imported, because it reads its environment once."""

import os
from pathlib import Path


def prepare_prefect(home: Path) -> None:
    """Point Prefect at this service's folders and keep it quiet; what the user set in the environment wins.

    Without ``PREFECT_API_URL`` Prefect starts a temporary server of its own for the run (20 s and more on a small machine, hence the patience).

    Parameters
    ----------
    home
        The service's folder; Prefect's database goes to ``home/prefect``, cached results to ``home/cache/prefect``.
    """
    home = home.absolute()
    wanted = {
        "PREFECT_HOME": str(home / "prefect"),
        "PREFECT_LOCAL_STORAGE_PATH": str(home / "cache" / "prefect"),
        "PREFECT_SERVER_EPHEMERAL_ENABLED": "true",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_LOGGING_LEVEL": "ERROR",
        "PREFECT_LOGGING_TO_API_ENABLED": "false",
        "PREFECT_CLI_PROMPT": "false",
        "PREFECT_MEMO_STORE_PATH": str(home / "prefect" / "memo_store.toml"),
        "DO_NOT_TRACK": "1",
    }
    for name, value in wanted.items():
        os.environ.setdefault(name, value)
    if os.environ["PREFECT_HOME"] == wanted["PREFECT_HOME"]:
        (home / "prefect").mkdir(parents=True, exist_ok=True)
