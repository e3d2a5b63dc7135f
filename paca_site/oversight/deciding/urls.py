"""Addresses of how decisions are made."""

from django.urls import path

from paca_site.oversight.deciding.views import own_detail, process_detail

app_name = "deciding"
urlpatterns = [
    path("", process_detail, name="process-detail"),
    path("mine/", own_detail, name="own-detail"),
]
