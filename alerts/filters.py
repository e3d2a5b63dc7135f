"""What the decisions list can be narrowed by."""

from typing import Any

import django_filters
from django import forms

from alerts.models import Decision, Verdict
from cameras.models import Camera
from paca_site.accounts.access import site_ids
from paca_site.accounts.models import User

DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class DecisionFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter ships no types
    """Verdict, who, camera, and days (UTC); only people and cameras of the asker's sites can be chosen."""

    verdict = django_filters.ChoiceFilter(choices=Verdict.choices, empty_label="Any", label="Decision")
    by = django_filters.ModelChoiceFilter(queryset=User.objects.none(), empty_label="Anybody", label="Decided by")
    camera = django_filters.ModelChoiceFilter(
        field_name="alert__camera", queryset=Camera.objects.none(), empty_label="Any", label="Camera"
    )
    first_day = django_filters.DateFilter(field_name="at", lookup_expr="date__gte", widget=DATE, label="From (UTC)")
    last_day = django_filters.DateFilter(field_name="at", lookup_expr="date__lte", widget=DATE, label="To (UTC)")

    class Meta:
        model = Decision
        fields: list[str] = []

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sites = site_ids(person)
        people = User.objects.filter(decisions__alert__camera__site__in=sites).distinct().order_by("username")
        self.filters["by"].queryset = people
        self.filters["camera"].queryset = Camera.objects.filter(site__in=sites).select_related("site")
