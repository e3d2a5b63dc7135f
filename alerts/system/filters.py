"""What the list of system alerts can be narrowed by."""

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from alerts.system.causes import PRIVACY, Cause
from alerts.system.models import SystemAlert
from cameras.models import Camera
from paca_site.accounts.access import site_ids
from paca_site.accounts.models import User

DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
STATES = (("open", _("Going on")), ("ended", _("Ended")), ("unnoted", _("Nobody took note")))
CAUSES = (("privacy", _("Pictures withheld (privacy)")), *Cause.choices)


class SystemAlertFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter ships no types
    """State, cause, camera and days (UTC); only cameras of the asker's sites can be chosen."""

    state = django_filters.ChoiceFilter(choices=STATES, empty_label="Any", label=_("State"), method="by_state")
    cause = django_filters.ChoiceFilter(choices=CAUSES, empty_label="Any", label=_("Cause"), method="by_cause")
    camera = django_filters.ModelChoiceFilter(queryset=Camera.objects.none(), empty_label="Any", label=_("Camera"))
    first_day = django_filters.DateFilter(
        field_name="began_at", lookup_expr="date__gte", widget=DATE, label=_("From (UTC)")
    )
    last_day = django_filters.DateFilter(
        field_name="began_at", lookup_expr="date__lte", widget=DATE, label=_("To (UTC)")
    )

    class Meta:
        model = SystemAlert
        fields: list[str] = []

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["camera"].queryset = Camera.objects.filter(site__in=site_ids(person)).select_related("site")

    def by_state(self, alerts: QuerySet[SystemAlert], name: str, value: str) -> QuerySet[SystemAlert]:
        """Narrow to what goes on, what is over, or what nobody has acknowledged."""
        if value == "unnoted":
            return alerts.filter(acknowledged_at=None)
        return alerts.filter(ended_at__isnull=value == "open")

    def by_cause(self, alerts: QuerySet[SystemAlert], name: str, value: str) -> QuerySet[SystemAlert]:
        """Narrow to one cause, or to all for which pictures were withheld."""
        return alerts.filter(cause__in=PRIVACY if value == "privacy" else [value])
