"""Addresses of commissioning."""

from django.urls import path

from inference.commissioning import labelling, views

app_name = "commissioning"
urlpatterns = [
    path("", views.run_list, name="run-list"),
    path("cameras/<int:pk>/", views.run_add, name="run-add"),
    path("<int:pk>/", views.run_detail, name="run-detail"),
    path("<int:pk>/end", views.run_end, name="run-end"),
    path("<int:pk>/abandon", views.run_give_up, name="run-abandon"),
    path("<int:pk>/sign", views.run_decide, name="run-sign"),
    path("stills/<int:pk>/", labelling.still_page, name="still-label"),
    path("stills/<int:pk>/picture", labelling.still_picture, name="still-picture"),
]
