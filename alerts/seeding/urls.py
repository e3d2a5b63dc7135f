"""Addresses of test alerts."""

from django.urls import path

from alerts.seeding import views

app_name = "seeding"
urlpatterns = [
    path("", views.seeding_page, name="seeding"),
    path("mine/", views.own_page, name="own"),
    path("sites/<int:pk>/plan", views.plan_view, name="plan"),
    path("alerts/<int:pk>/choose", views.clip_add_view, name="clip-add"),
    path("clips/<int:pk>/remove", views.clip_remove_view, name="clip-remove"),
    path("clips/<int:pk>/place", views.clip_place_view, name="clip-place"),
]
