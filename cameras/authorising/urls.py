"""Addresses of authorisations."""

from django.urls import path

from cameras.authorising import views

app_name = "authorising"
urlpatterns = [
    path("", views.authorisation_list, name="authorisation-list"),
    path("add/", views.authorisation_add, name="authorisation-add"),
    path("<int:pk>/", views.authorisation_detail, name="authorisation-detail"),
    path("<int:pk>/change/", views.authorisation_change, name="authorisation-change"),
    path("<int:pk>/sign/", views.authorisation_sign_view, name="authorisation-sign"),
    path("<int:pk>/withdraw/", views.authorisation_withdraw_view, name="authorisation-withdraw"),
]
