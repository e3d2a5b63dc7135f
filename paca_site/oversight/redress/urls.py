"""Addresses of redress."""

from django.urls import path

from paca_site.oversight.redress.public import complaint_add, complaint_own
from paca_site.oversight.redress.staff import complaint_detail, complaint_list, complaint_reply, complaint_work

app_name = "redress"
urlpatterns = [
    path("", complaint_add, name="complaint-add"),
    path("answer/", complaint_own, name="complaint-own"),
    path("complaints/", complaint_list, name="complaint-list"),
    path("complaints/<int:pk>/", complaint_detail, name="complaint-detail"),
    path("complaints/<int:pk>/findings/", complaint_work, name="complaint-work"),
    path("complaints/<int:pk>/answer/", complaint_reply, name="complaint-answer"),
]
