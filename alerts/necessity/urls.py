"""Addresses of the necessity clock."""

from django.urls import path

from alerts.necessity.views import proposal_answer, proposal_list

app_name = "necessity"
urlpatterns = [
    path("", proposal_list, name="proposal-list"),
    path("<int:pk>/answer/", proposal_answer, name="proposal-answer"),
]
