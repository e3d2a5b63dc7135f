"""The form of the stop button: what, and why."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cameras.event_kinds import KINDS
from cameras.models import Camera, Site
from cameras.stopping.models import SHORTEST_REASON, Halt
from paca_site.accounts.access import site_ids
from paca_site.accounts.models import User


class HaltForm(forms.Form):
    """Stop one camera, all of a site, or one kind of event there."""

    what = forms.ChoiceField(label=_("Stop"))
    reason = forms.CharField(
        min_length=SHORTEST_REASON,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Kept in the audit trail, and shown to everybody at the desk."),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        sites = list(Site.objects.filter(pk__in=site_ids(user)))
        cameras = Camera.objects.filter(site__in=sites, is_enabled=True).select_related("site")
        self._kinds = {f"kind-{site.pk}-{kind}": (site, kind) for site in sites for kind in KINDS}
        self._things: dict[str, Site | Camera] = {f"camera-{camera.pk}": camera for camera in cameras}
        self._things |= {f"site-{site.pk}": site for site in sites}
        field = self.fields["what"]
        field.choices = [  # type: ignore[attr-defined]
            ("", gettext("Choose")),
            (
                gettext("One camera"),
                [(f"camera-{camera.pk}", f"{camera.site.name}: {camera.name}") for camera in cameras],
            ),
            (
                gettext("All cameras of a site"),
                [(f"site-{site.pk}", gettext("All of {site}").format(site=site)) for site in sites],
            ),
            (
                gettext("One kind of event at a site"),
                [(key, f"{site.name}: {KINDS[kind]}") for key, (site, kind) in self._kinds.items()],
            ),
        ]

    def halt(self) -> Halt:
        """Return what was chosen, not saved.

        Raises:
            ValidationError: the form was not valid.
        """
        what = self.cleaned_data.get("what", "")
        if what in self._kinds:
            site, kind = self._kinds[what]
            return Halt(site=site, kind=kind, reason=self.cleaned_data["reason"])
        thing = self._things.get(what)
        if thing is None:
            raise ValidationError(gettext("Choose what to stop."))
        if isinstance(thing, Camera):
            return Halt(site=thing.site, camera=thing, reason=self.cleaned_data["reason"])
        return Halt(site=thing, reason=self.cleaned_data["reason"])
