"""What the decisions list can be narrowed by."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, QuerySet
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from alerts.access import decision_cameras
from alerts.models import Decision, Verdict
from cameras.models import Camera
from paca_site.accounts.access import site_ids
from paca_site.accounts.models import Role, SiteScope, User

SELECTED = mark_safe(" selected")
DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class LongSelect(forms.Select):
    """A select of a thousand cameras: Django renders a template for each choice, which took longer than the list."""

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        """Return the same element, written in one go."""
        chosen = "" if value is None else str(value)
        options = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            ((key, SELECTED if str(key) == chosen else "", words) for key, words in self.choices),
        )
        return format_html(
            "<select{}>{}</select>", flatatt({**self.build_attrs(self.attrs, attrs), "name": name}), options
        )


class DecisionFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter ships no types
    """Verdict, who, camera, and days (UTC); only people and cameras of the asker's sites can be chosen."""

    verdict = django_filters.ChoiceFilter(choices=Verdict.choices, empty_label=_("Any"), label=_("Decision"))
    by = django_filters.ModelChoiceFilter(
        widget=LongSelect, queryset=User.objects.none(), empty_label=_("Anybody"), label=_("Decided by")
    )
    camera = django_filters.ModelChoiceFilter(
        widget=LongSelect, queryset=Camera.objects.none(), empty_label=_("Any"), label=_("Camera")
    )
    first_day = django_filters.DateFilter(method="from_day", widget=DATE, label=_("From (UTC)"))
    last_day = django_filters.DateFilter(method="to_day", widget=DATE, label=_("To (UTC)"))

    class Meta:
        model = Decision
        fields: list[str] = []

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cameras = decision_cameras(person)
        # by scope, which ends and is never deleted: who decided at a small site is looked for in millions of decisions
        scoped = SiteScope.objects.filter(user=OuterRef("pk"), site__in=site_ids(person))
        people = User.objects.filter(Exists(scoped), role__in=[Role.OPERATOR, Role.SUPERVISOR])
        self.filters["by"].queryset = people.order_by("username")
        self.filters["camera"].queryset = Camera.objects.filter(pk__in=cameras).select_related("site")

    def from_day(self, found: QuerySet[Decision], name: str, day: date) -> QuerySet[Decision]:
        """Keep what was decided on this day (UTC) or later."""
        return found.filter(at__gte=datetime.combine(day, time.min, UTC))

    def to_day(self, found: QuerySet[Decision], name: str, day: date) -> QuerySet[Decision]:
        """Keep what was decided on this day (UTC) or earlier; a moment and no date, so that the index is used."""
        return found.filter(at__lt=datetime.combine(day, time.min, UTC) + timedelta(days=1))
