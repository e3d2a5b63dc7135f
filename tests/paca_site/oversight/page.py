"""Where the tests of the page begin: an empty memory, a site of June, the page's words."""

import re
from datetime import UTC, datetime
from typing import Any

from cameras.models import Camera, Site
from paca_site.oversight.monthly.models import CountedMonth
from paca_site.oversight.monthly.services import months_count
from paca_site.oversight.page import transparency_html
from tests.cast import make_camera, make_site

NOW = datetime(2026, 7, 10, 12, tzinfo=UTC)
JUNE = datetime(2026, 6, 1, tzinfo=UTC)


def old_site(**fields: Any) -> Site:
    """A site that has had a camera since June."""
    site = make_site(**fields)
    Camera.objects.filter(pk=make_camera(site).pk).update(created_at=JUNE)
    return site


def html(now: datetime = NOW) -> str:
    CountedMonth.objects.all().delete()
    months_count(now)
    return transparency_html(address=str, now=now)


def rows(page: str) -> list[list[str]]:
    """The words of each row of each table."""
    found = re.findall(r"<tr[^>]*>(.*?)</tr>", page, re.DOTALL)
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in found]
