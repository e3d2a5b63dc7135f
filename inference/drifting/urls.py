"""Addresses of drift."""

from django.urls import path

from inference.drifting.views import drift_list

app_name = "drifting"
urlpatterns = [path("", drift_list, name="drift-list")]
