"""Keep a secret in a file that only its owner can read."""

import contextlib
import os
from pathlib import Path


def keep_secret(path: Path, secret: str) -> str:
    """Return the secret that a file keeps; without the file, keep this one.

    Parameters
    ----------
    path
        The file; its folder is made if it is missing.
    secret
        What to keep if there is no file yet.

    Returns
    -------
    str
        The same for all processes that ask at once.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    hidden = path.with_name(f".{path.name}.{os.getpid()}.new")
    if not path.is_file():
        descriptor = os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            os.write(descriptor, secret.encode("utf-8"))
            os.fsync(descriptor)
            with contextlib.suppress(FileExistsError):
                os.link(hidden, path)
        finally:
            os.close(descriptor)
            hidden.unlink(missing_ok=True)
    return path.read_text(encoding="utf-8").strip()
