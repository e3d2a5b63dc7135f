"""Which site and month, and what an administrator knows of a place."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from cameras.models import Site
from paca_site.oversight.counting import month_before, month_of
from paca_site.oversight.fairness.models import SiteFacts

MONTHS: Final = 12


def last_months(now: datetime) -> list[datetime]:
    """Return the starts (UTC) of this month, as far as it is, and of those before, newest first."""
    months = [month_of(now)]
    while len(months) < MONTHS:
        months.append(month_before(months[-1]))
    return months


def month_after(start: datetime) -> datetime:
    """Return the start of the month after the one that starts at `start`."""
    return start.replace(year=start.year + 1, month=1) if start.month == 12 else start.replace(month=start.month + 1)


class MonthForm(forms.Form):
    """One site and one of the last months; left out: the first site, this month so far."""

    site = forms.TypedChoiceField(
        label=_("Site"),
        coerce=int,
        error_messages={"invalid_choice": _("None of your sites; choose one of the list.")},
    )
    month = forms.ChoiceField(
        label=_("Month (UTC)"),
        error_messages={"invalid_choice": _("One of the last twelve months, such as 2026-03; got “%(value)s”.")},
    )

    def __init__(self, given: Mapping[str, Any], *, sites: Sequence[Site], now: datetime) -> None:
        months = [f"{month:%Y-%m}" for month in last_months(now)]
        first = str(sites[0].pk) if sites else ""
        super().__init__(
            {"site": given.get("site") or first, "month": given.get("month") or months[0]}, label_suffix=""
        )
        self.fields["site"].choices = [(site.pk, site.name) for site in sites]  # type: ignore[attr-defined]
        self.fields["month"].choices = [  # type: ignore[attr-defined]
            (month, _("%(month)s, so far") % {"month": month} if month == months[0] else month) for month in months
        ]

    @property
    def start(self) -> datetime:
        """Start of the chosen month; only of a valid form."""
        return datetime.strptime(self.cleaned_data["month"], "%Y-%m").replace(tzinfo=UTC)


if TYPE_CHECKING:
    SiteFactsForm = forms.ModelForm[SiteFacts]
else:
    SiteFactsForm = forms.ModelForm


class FactsForm(SiteFactsForm):
    """Area, residents, and where the numbers are from."""

    class Meta:
        model = SiteFacts
        fields = ("area_km2", "residents", "source")
        widgets = {"area_km2": forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"})}
