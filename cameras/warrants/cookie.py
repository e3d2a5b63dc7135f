"""Where the viewer's half of the key is: in their browser, for one release, and nowhere else."""

from typing import Final

COOKIE: Final = "paca_release_code"
"""HttpOnly, SameSite=Strict, for the addresses of one release; the server sees it while it answers."""
