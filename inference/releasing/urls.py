"""Addresses of model releases."""

from django.urls import path

from inference.releasing import views

app_name = "releasing"
urlpatterns = [
    path("", views.release_list, name="release-list"),
    path("activate", views.release_switch, name="release-activate"),
    path("<int:pk>/", views.release_detail, name="release-detail"),
    path("<int:pk>/approve", views.release_allow, name="release-approve"),
]
