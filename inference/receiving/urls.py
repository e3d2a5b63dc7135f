"""Addresses that camera boxes call; people have none of them (theirs: cameras/boxes/urls.py)."""

from django.urls import path

from inference.receiving import views

app_name = "receiving"
urlpatterns = [
    path("enrol", views.enrol, name="box-enrol"),
    path("config", views.config, name="box-config"),
    path("report", views.report, name="box-report"),
    path("cameras/<int:camera>/event", views.event, name="box-event"),
    path("cameras/<int:camera>/frame", views.frame, name="box-frame"),
    path("attest", views.attest, name="box-attest"),
    path("answer", views.answer, name="box-answer"),
    path("key", views.next_key, name="box-key"),
]
