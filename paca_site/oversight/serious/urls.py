"""Addresses of serious-incident reports."""

from django.urls import path

from paca_site.oversight.serious.views import entry_write, report_add, report_detail, report_end, report_list, settle

app_name = "serious"
urlpatterns = [
    path("", report_list, name="report-list"),
    path("add/", report_add, name="report-add"),
    path("<int:pk>/", report_detail, name="report-detail"),
    path("<int:pk>/entry/", entry_write, name="entry-add"),
    path("<int:pk>/told/", settle, name="duty-settle"),
    path("<int:pk>/close/", report_end, name="report-close"),
]
