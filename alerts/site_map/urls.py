"""Addresses of the map; the keys are those of sites."""

from django.urls import path

from alerts.site_map import views

app_name = "site_map"
urlpatterns = [
    path("", views.first_map, name="first-map"),
    path("<int:pk>/", views.map_page, name="map"),
    path("<int:pk>/live", views.map_live, name="map-live"),
    path("<int:pk>/plan/", views.plan_page, name="plan"),
    path("<int:pk>/plan/picture", views.plan_picture, name="plan-picture"),
    path("<int:pk>/plan/store", views.plan_store_view, name="plan-store"),
    path("<int:pk>/plan/place", views.plan_place_view, name="plan-place"),
    path("<int:pk>/plan/remove", views.plan_remove_view, name="plan-remove"),
]
