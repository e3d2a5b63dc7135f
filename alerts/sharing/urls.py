"""Addresses of shared load."""

from django.urls import path

from alerts.sharing import views

app_name = "sharing"
urlpatterns = [
    path("", views.load_page, name="load"),
    path("callers/", views.callers_page, name="callers"),
    path("mine", views.own_part, name="own"),
    path("incidents/<int:pk>/offer", views.offer_view, name="offer"),
    path("<int:pk>/withdraw", views.withdraw_view, name="withdraw"),
    path("<int:pk>/answer", views.answer_view, name="answer"),
]
