"""Narrowing the trail: what, who, to what, when."""

from datetime import date
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from paca_site.accounts.local_time import day_begins, day_ends
from paca_site.accounts.models import User
from paca_site.audit.actions import ACTIONS, Verb
from paca_site.audit.models import AuditEntry


class EntryFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter ships no types
    """Filters of the audit trail; days are those of the clock in `zone`, both included."""

    action = django_filters.ChoiceFilter(
        choices=[(name, name) for name in sorted(ACTIONS)], label=_("Action"), empty_label=_("Any")
    )
    verb = django_filters.ChoiceFilter(choices=Verb.choices, label=_("Verb"), empty_label=_("Any"))
    actor = django_filters.ModelChoiceFilter(
        queryset=User.objects.order_by("username"),
        label=_("Person"),
        empty_label=_("Anybody"),
        null_label=_("The system itself"),
    )
    subject = django_filters.CharFilter(label=_("Subject"), method="filter_subject")
    since = django_filters.DateFilter(method="from_day", widget=forms.DateInput(attrs={"type": "date"}))
    until = django_filters.DateFilter(method="to_day", widget=forms.DateInput(attrs={"type": "date"}))

    class Meta:
        model = AuditEntry
        fields = ["action", "verb", "actor", "subject"]

    def __init__(self, *args: Any, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone
        self.filters["since"].label = gettext("From ({zone})").format(zone=zone)
        self.filters["until"].label = gettext("To ({zone})").format(zone=zone)
        self.form.label_suffix = ""
        self.form.fields["subject"].widget.attrs["placeholder"] = gettext("alert:12 or alert")

    def from_day(self, entries: "QuerySet[AuditEntry]", name: str, day: date) -> "QuerySet[AuditEntry]":
        """Keep what happened on this day or later."""
        return entries.filter(at__gte=day_begins(day, self.zone))

    def to_day(self, entries: "QuerySet[AuditEntry]", name: str, day: date) -> "QuerySet[AuditEntry]":
        """Keep what happened on this day or earlier."""
        return entries.filter(at__lt=day_ends(day, self.zone))

    def filter_subject(self, entries: "QuerySet[AuditEntry]", name: str, value: str) -> "QuerySet[AuditEntry]":
        """`alert:12` is one alert; `alert` is all of them."""
        value = value.strip()
        return entries.filter(subject=value) if ":" in value else entries.filter(subject__startswith=f"{value}:")
