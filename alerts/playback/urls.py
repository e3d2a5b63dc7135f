"""Addresses of a camera's history."""

from django.urls import path

from alerts.views.playback import history, history_close, history_reason, history_segment

app_name = "playback"
urlpatterns = [
    path("<int:pk>/", history, name="history"),
    path("<int:pk>/closed", history_close, name="history-close"),
    path("<int:pk>/reason", history_reason, name="history-reason"),
    path("<int:pk>/<int:segment>.mp4", history_segment, name="history-segment"),
]
