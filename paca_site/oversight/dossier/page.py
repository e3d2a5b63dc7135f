"""The technical file as one HTML page that needs nothing else: to be printed, kept, and read without PACA."""

import base64
from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import Final

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation

from paca_site.oversight.dossier.content import dossier

SHEETS: Final = ("css/tokens.css", "css/base.css", "css/components.css", "css/dossier.css")


def technical_file_html(site_ids: Collection[int], now: datetime | None = None) -> str:
    """Return the page, in English, for the sites named.

    It holds no footage, no address of a stream and no secret. Two calls with the same `now` give the same bytes while
    nothing is written.
    """
    with translation.override("en"), timezone.override("UTC"):
        context = {**dossier(site_ids, now or timezone.now()), "sheet": _sheet()}
        return render_to_string("dossier/technical_file.html", context)


def _sheet() -> str:
    """Return all styles as one address, so that the page is whole as a file."""
    folder = Path(settings.BASE_DIR) / "static"
    styles = b"\n".join((folder / name).read_bytes() for name in SHEETS)
    return "data:text/css;base64," + base64.b64encode(styles).decode()
