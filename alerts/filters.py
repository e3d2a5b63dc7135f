"""What the decisions list can be narrowed by."""

from datetime import date
from typing import Any

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, QuerySet
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from alerts.access import decision_cameras
from alerts.models import Decision, Verdict
from cameras.models import Camera
from paca_site.accounts.access import site_ids
from paca_site.accounts.local_time import day_begins, day_ends, zone_of
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
    """Verdict, who, camera, and days; only people and cameras of the asker's sites can be chosen.

    Days are those of the chosen camera's clock, else of the asker's sites (`zone`); the fields say of which.
    """

    verdict = django_filters.ChoiceFilter(choices=Verdict.choices, empty_label=_("Any"), label=_("Decision"))
    by = django_filters.ModelChoiceFilter(
        widget=LongSelect, queryset=User.objects.none(), empty_label=_("Anybody"), label=_("Decided by")
    )
    camera = django_filters.ModelChoiceFilter(
        widget=LongSelect, queryset=Camera.objects.none(), empty_label=_("Any"), label=_("Camera")
    )
    first_day = django_filters.DateFilter(method="from_day", widget=DATE)
    last_day = django_filters.DateFilter(method="to_day", widget=DATE)

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
        given = str(self.data.get("camera") or "")
        camera = (
            Camera.objects.filter(pk__in={int(given)} & set(cameras)) if given.isdecimal() else Camera.objects.none()
        )
        self.zone = camera.values_list("site__time_zone", flat=True).first() or zone_of(person)
        self.filters["first_day"].label = gettext("From ({zone})").format(zone=self.zone)
        self.filters["last_day"].label = gettext("To ({zone})").format(zone=self.zone)

    def from_day(self, found: QuerySet[Decision], name: str, day: date) -> QuerySet[Decision]:
        """Keep what was decided on this day or later."""
        return found.filter(at__gte=day_begins(day, self.zone))

    def to_day(self, found: QuerySet[Decision], name: str, day: date) -> QuerySet[Decision]:
        """Keep what was decided on this day or earlier; a moment and no date, so that the index is used."""
        return found.filter(at__lt=day_ends(day, self.zone))
