"""Where an installation keeps its things: everything under the data folder, sockets where their paths fit."""

import hashlib
import os
import re
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from paca_site.embedded.errors import StartError

LONGEST_SOCKETS_FOLDER = 80
"""Bytes. A socket path must stay below 104 (macOS; 108 on Linux), and the longest name in the folder takes 24."""

_PLAIN_PATH = re.compile(r"[A-Za-z0-9/._+-]+")


@dataclass(frozen=True, slots=True)
class Layout:
    """The folders and files of one installation.

    Attributes:
        data: the data folder (`PACA_DATA`), absolute.
        sockets: private folder (0700) of the unix sockets.
        shortened: true where `sockets` lies outside `data`, as the path would be too long or has odd characters.
    """

    data: Path
    sockets: Path
    shortened: bool = False

    @property
    def run(self) -> Path:
        """Generated files of the running installation."""
        return self.data / "run"

    @property
    def log(self) -> Path:
        """One log file per program."""
        return self.data / "log"

    @property
    def postgres_data(self) -> Path:
        """The database cluster."""
        return self.data / "postgres"

    @property
    def lock(self) -> Path:
        """Held by the one `up` of this data folder."""
        return self.run / "up.lock"

    @property
    def services_file(self) -> Path:
        """Addresses of the embedded services, which settings.py reads for commands in another terminal."""
        return self.run / "services.json"

    @property
    def supervisor_config(self) -> Path:
        """Generated at every start."""
        return self.run / "supervisord.conf"

    @property
    def supervisor_socket(self) -> Path:
        """Where supervisord answers."""
        return self.sockets / "sv.sock"

    @property
    def secret_key(self) -> Path:
        """Django's secret of this installation, mode 0600."""
        return self.data / "secret_key"

    @property
    def credentials(self) -> Path:
        """Written by `seed_site`."""
        return self.data / "credentials.txt"


def make_layout(data: Path) -> Layout:
    """Create the folders of an installation in `data` (absolute) and return where they are.

    Raises:
        StartError: a folder cannot be created or written.
    """
    try:
        for folder in (data, data / "run", data / "log"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StartError(
            f"The data folder {data} cannot be created: {error.strerror}. Give another one: PACA_DATA=/some/folder."
        ) from error
    for folder in (data, data / "run", data / "log"):
        if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            owner = folder.stat().st_uid
            raise StartError(
                f"The data folder {folder} cannot be written by this account (it belongs to account {owner}). "
                "Start PACA as its owner, or give another folder: PACA_DATA=/some/folder."
            )
    sockets = data / "run"
    if len(os.fsencode(sockets)) <= LONGEST_SOCKETS_FOLDER and _PLAIN_PATH.fullmatch(str(sockets)):
        return Layout(data=data, sockets=sockets)
    return Layout(data=data, sockets=short_private_folder(data), shortened=True)


def short_private_folder(data: Path) -> Path:
    """Return a short folder under the temporary folder that belongs to this account and this data folder alone.

    Raises:
        StartError: somebody else made it first.
    """
    digest = hashlib.sha256(os.fsencode(data)).hexdigest()[:10]
    folder = Path(tempfile.gettempdir()) / f"paca-{os.geteuid()}-{digest}"
    if len(os.fsencode(folder)) > LONGEST_SOCKETS_FOLDER:
        folder = Path("/tmp") / folder.name  # noqa: S108 - private, checked below
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise StartError(f"{folder} belongs to somebody else; remove it or set TMPDIR.")
    folder.chmod(0o700)
    return folder
