"""Addresses of custody."""

from django.urls import path

from cameras.custody import views

app_name = "custody"
urlpatterns = [
    path("", views.key_list, name="key-list"),
    path("add", views.key_add, name="key-add"),
    path("retire", views.key_end, name="key-retire"),
]
