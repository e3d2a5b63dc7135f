"""Addresses of the operator's pages."""

from django.urls import path

from alerts.views.alerts import alert_clip_state, alert_detail
from alerts.views.decisions import alert_decide_view, decision_list
from alerts.views.media import alert_clip, alert_poster
from alerts.views.queue import queue, queue_rows

app_name = "alerts"
urlpatterns = [
    path("", queue, name="queue"),
    path("rows", queue_rows, name="queue-rows"),
    path("decisions/", decision_list, name="decision-list"),
    path("<int:pk>/", alert_detail, name="alert-detail"),
    path("<int:pk>/decide", alert_decide_view, name="alert-decide"),
    path("<int:pk>/clip-state", alert_clip_state, name="alert-clip-state"),
    path("<int:pk>/clip.mp4", alert_clip, name="alert-clip"),
    path("<int:pk>/poster.jpg", alert_poster, name="alert-poster"),
]
