"""Addresses of the stop button."""

from django.urls import path

from cameras.stopping.views import halt_add, halt_lift, halt_list

app_name = "stopping"
urlpatterns = [
    path("", halt_list, name="halt-list"),
    path("add/", halt_add, name="halt-add"),
    path("<int:pk>/end/", halt_lift, name="halt-end"),
]
