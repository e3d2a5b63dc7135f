"""Addresses of system alerts."""

from django.urls import path

from alerts.system.views import alert_acknowledge, alert_detail, alert_list, alert_rows

app_name = "system_alerts"
urlpatterns = [
    path("", alert_list, name="alert-list"),
    path("rows", alert_rows, name="alert-rows"),
    path("<int:pk>/", alert_detail, name="alert-detail"),
    path("<int:pk>/acknowledge", alert_acknowledge, name="alert-acknowledge"),
]
