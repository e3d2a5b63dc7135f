"""The web process's one door to the vault: a question piped to a process of its own, and what it answers.

Neither a data key nor an unmasked picture is ever in the memory of the web process, on a disk or in Valkey; the other
process (`inference/core/opened`) lives for one answer.
"""

import json
import logging
import os
import subprocess  # a program of our own, with a fixed command line
import sys
import threading
from collections.abc import Mapping
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext

logger = logging.getLogger(__name__)
VAULT_COMMAND: Final = [sys.executable, "-m", "inference.core.opened"]
REFUSED: Final = 2
LONGEST_S: Final = 90
AT_ONCE: Final = 2
"""Answers made at the same time by one web process: each takes a core for seconds."""
PASSED_ON: Final = ("PATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL")
_places = threading.BoundedSemaphore(AT_ONCE)


class VaultRefused(Exception):  # noqa: N818 - a state of affairs, not a fault
    """The vault did not answer; the text says why, to whoever asked."""


def ask_vault(question: Mapping[str, Any]) -> bytes:
    """Return the answer to a question of `inference/core/opened/__main__.py`.

    Raises:
        VaultRefused: it was refused, took too long, or too many ask.
    """
    if not _places.acquire(blocking=False):
        raise VaultRefused(gettext("The vault is busy with other viewers; try again in some seconds."))
    try:
        done = subprocess.run(  # noqa: S603 - nothing of the command line comes from outside
            VAULT_COMMAND,
            input=json.dumps(question).encode(),
            capture_output=True,
            timeout=LONGEST_S,
            cwd=settings.BASE_DIR,
            env=vault_environment(),
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        logger.error("opening the vault took more than %d s", LONGEST_S)
        raise VaultRefused(gettext("The vault took too long to answer.")) from error
    finally:
        _places.release()
    if done.returncode == REFUSED:
        raise VaultRefused(done.stderr.decode(errors="replace").strip())
    if done.returncode:
        logger.error("opening the vault ended with %d: %s", done.returncode, done.stderr.decode(errors="replace"))
        raise VaultRefused(gettext("The vault could not be opened; the log of the web process says why."))
    return done.stdout


def vault_environment() -> dict[str, str]:
    """Return what the process that opens the vault is told beside its question: no setting of ours, no address."""
    return {name: os.environ[name] for name in PASSED_ON if name in os.environ}
