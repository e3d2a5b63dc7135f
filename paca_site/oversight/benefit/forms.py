"""Which site."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cameras.models import Site


class SiteForm(forms.Form):
    """One of the person's sites; left out: the first."""

    site = forms.TypedChoiceField(
        label=_("Site"),
        coerce=int,
        error_messages={"invalid_choice": _("None of your sites; choose one of the list.")},
    )

    def __init__(self, given: Mapping[str, Any], *, sites: Sequence[Site]) -> None:
        super().__init__({"site": given.get("site") or (str(sites[0].pk) if sites else "")}, label_suffix="")
        self.fields["site"].choices = [(site.pk, site.name) for site in sites]  # type: ignore[attr-defined]
