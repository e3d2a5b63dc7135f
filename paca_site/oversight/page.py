"""The transparency page as HTML: the same for everybody, on the web and as a file."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from paca_site.oversight.cards import short_cards
from paca_site.oversight.counting import finished_months, month_of
from paca_site.oversight.figures import HIDDEN_BELOW
from paca_site.oversight.monthly.services import counted_months, monthly_counts
from paca_site.oversight.months import site_rows, whole_rows
from paca_site.oversight.places import public_sites
from paca_site.oversight.redress.figures import outcome_rows
from paca_site.oversight.serious.figures import serious_rows

TEMPLATE = "oversight/transparency.html"
SHEETS = ("css/tokens.css", "css/base.css", "css/header.css", "css/components.css", "css/transparency.css")
ICON, THEME = "icons/paca.svg", "js/theme-apply.js"
FILES = (*SHEETS, ICON)
"""What the page needs beside itself as a file: it is light then, and no script stands in it."""

UNBUILT = (
    _(
        "Tests of how well people are masked by skin tone, age, clothing, wheelchair or pram: nobody has measured that "
        "yet."
    ),
)


def transparency_html(*, address: Callable[[str], str], is_file: bool = False, now: datetime | None = None) -> str:
    """Return the page. It is rendered without a request, so that nothing of a visitor can stand in it.

    Args:
        address: gives the address of a static file from its name.
        is_file: it will be opened as a file: the policy for its content stands in it.
        now: the moment that decides which months are finished; None: now.
    """
    now = now or timezone.now()
    return render_to_string(TEMPLATE, {**_content(now), **_frame(address, is_file)})


def _frame(address: Callable[[str], str], is_file: bool) -> dict[str, Any]:
    return {
        "sheets": [address(sheet) for sheet in SHEETS],
        "icon": address(ICON),
        "theme": "" if is_file else address(THEME),
        "is_file": is_file,
    }


def _content(now: datetime) -> dict[str, Any]:
    sites = public_sites()
    counts = monthly_counts(now)
    since = min((site.since for site in sites if site.since), default=None)
    finished = finished_months(since, now) if since else []
    months = counted_months(finished)
    return {
        "sites": [
            {
                "site": site,
                "rows": site_rows(counts, site.pk, [month for month in months if month >= month_of(site.since)])
                if site.since
                else [],
            }
            for site in sites
        ],
        "whole": whole_rows(counts, months),
        "uncounted": len(finished) - len(months),
        "this_month": month_of(now),
        "cards": short_cards(),
        "unbuilt": UNBUILT,
        "serious": serious_rows(),
        "complaints": outcome_rows(),
        "complaint_address": reverse("redress:complaint-add"),
        "answer_days": settings.REDRESS_DAYS,
        "contact": settings.CONTACT,
        "is_demo": settings.DEMO,
        "hidden_below": HIDDEN_BELOW,
        "made_at": now,
    }
