"""Addresses of fairness."""

from django.urls import path

from paca_site.oversight.fairness.views import facts_form, fairness_detail

app_name = "fairness"
urlpatterns = [
    path("", fairness_detail, name="fairness-detail"),
    path("sites/<int:pk>/facts", facts_form, name="facts-form"),
]
