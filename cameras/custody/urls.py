"""Addresses of custody."""

from django.urls import path

from cameras.custody import record_views, views

app_name = "custody"
urlpatterns = [
    path("", views.key_list, name="key-list"),
    path("add", views.key_add, name="key-add"),
    path("retire", views.key_end, name="key-retire"),
    path("records", record_views.record_export, name="record-export"),
]
