# SPDX-License-Identifier: Apache-2.0
"""Where the site keeps what it must write: one folder, outside the source tree, which may be read-only."""
import contextlib
import fcntl
import os
import pathlib
import secrets
import tempfile

FOLDER = pathlib.Path(os.environ.get("GUESTBOOK_DATA")
                      or pathlib.Path(tempfile.gettempdir(), f"gatehouse-guestbook-{os.getuid()}"))


@contextlib.contextmanager
def locked():
    """One process at a time: several start at once, and each wants the key and the tables."""
    FOLDER.mkdir(mode=0o700, parents=True, exist_ok=True)
    if FOLDER.stat().st_uid != os.getuid():
        raise PermissionError(f"{FOLDER} belongs to somebody else")
    with open(FOLDER / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def secret_key():
    """Made once for each machine: a key in the source tree would be everybody's."""
    with locked():
        path = FOLDER / "secret-key"
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(50))
        return path.read_text()
