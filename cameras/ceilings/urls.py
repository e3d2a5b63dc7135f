"""Addresses of ceilings."""

from django.urls import path

from cameras.ceilings import views

app_name = "ceilings"
urlpatterns = [
    path("", views.ceiling_list, name="ceiling-list"),
    path("add/", views.ceiling_add, name="ceiling-add"),
    path("<int:pk>/", views.ceiling_change, name="ceiling-change"),
    path("<int:pk>/remove", views.ceiling_remove_view, name="ceiling-remove"),
]
