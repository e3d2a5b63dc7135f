"""Which site, and how many days back."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from cameras.models import Site

DAYS: Final = (30, 90)
"""As many as second reviews can be looked back on: they go with their alerts."""


class SpanForm(forms.Form):
    """How many days back; left out: the longest."""

    days = forms.TypedChoiceField(
        label=_("Days"),
        coerce=int,
        choices=[(days, _("last %(days)d days") % {"days": days}) for days in DAYS],
        error_messages={"invalid_choice": _("Choose 30 or 90 days; got “%(value)s”.")},
    )

    def __init__(self, given: Mapping[str, Any]) -> None:
        super().__init__({"days": given.get("days") or str(DAYS[-1])}, label_suffix="")


class ProcessForm(SpanForm):
    """The same for a site; left out: the first."""

    site = forms.TypedChoiceField(
        label=_("Site"),
        coerce=int,
        error_messages={"invalid_choice": _("None of your sites; choose one of the list.")},
    )
    field_order = ("site", "days")

    def __init__(self, given: Mapping[str, Any], *, sites: Sequence[Site]) -> None:
        super().__init__(given)
        self.data = {**self.data, "site": given.get("site") or (str(sites[0].pk) if sites else "")}
        self.fields["site"].choices = [(site.pk, site.name) for site in sites]  # type: ignore[attr-defined]
