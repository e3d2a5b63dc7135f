"""Addresses of camera boxes for people; what boxes themselves call: inference/receiving/urls.py."""

from django.urls import path

from cameras.boxes import views

app_name = "boxes"
urlpatterns = [
    path("", views.box_list, name="box-list"),
    path("add/", views.box_add, name="box-add"),
    path("<int:pk>/", views.box_detail, name="box-detail"),
    path("<int:pk>/code/", views.box_code, name="box-code"),
    path("<int:pk>/cameras/", views.box_cameras, name="box-cameras"),
    path("<int:pk>/revoke/", views.box_end, name="box-revoke"),
    path("<int:pk>/challenge/", views.box_challenge, name="box-challenge"),
]
