"""Addresses of the leak watch."""

from django.urls import path

from inference.leaking import views

app_name = "leaking"
urlpatterns = [
    path("", views.leak_list, name="leak-list"),
    path("<int:pk>/", views.leak_detail, name="leak-detail"),
    path("suspensions/<int:pk>/lift", views.leak_lift, name="leak-lift"),
]
