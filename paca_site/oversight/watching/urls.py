"""Addresses of the access log."""

from django.urls import path

from paca_site.oversight.watching.views import report_detail, report_export

app_name = "watching"
urlpatterns = [
    path("", report_detail, name="report-detail"),
    path("export", report_export, name="report-export"),
]
