"""Addresses of the operator's pages."""

from django.urls import path

from alerts.replay.views import decision_replay
from alerts.views.alerts import alert_clip_state, alert_detail, alert_live
from alerts.views.claims import alert_claim_view, alert_decision, alert_release_view
from alerts.views.decisions import alert_decide_view, decision_export, decision_list
from alerts.views.exports import alert_export_view
from alerts.views.follow_up import alert_log_actions_view, alert_undo, alert_watched, to_log_list
from alerts.views.incidents import incident_detail, incident_dismiss_view
from alerts.views.media import alert_clip, alert_poster
from alerts.views.queue import queue, queue_rows
from alerts.views.shelves import alert_shelve_view, maintenance_plan_view, shelf_end_view, shelf_list
from alerts.views.shifts import (
    shift_accept_view,
    shift_break_view,
    shift_detail,
    shift_end_view,
    shift_page,
    shift_start_view,
)

app_name = "alerts"
urlpatterns = [
    path("", queue, name="queue"),
    path("rows", queue_rows, name="queue-rows"),
    path("decisions/", decision_list, name="decision-list"),
    path("decisions/export", decision_export, name="decision-export"),
    path("decisions/<int:pk>/", decision_replay, name="decision-replay"),
    path("<int:pk>/", alert_detail, name="alert-detail"),
    path("<int:pk>/decide", alert_decide_view, name="alert-decide"),
    path("incidents/<int:pk>/", incident_detail, name="incident-detail"),
    path("incidents/<int:pk>/dismiss", incident_dismiss_view, name="incident-dismiss"),
    path("shelved/", shelf_list, name="shelf-list"),
    path("shelved/maintenance", maintenance_plan_view, name="maintenance-plan"),
    path("shelved/<int:pk>/end", shelf_end_view, name="shelf-end"),
    path("<int:pk>/shelve", alert_shelve_view, name="alert-shelve"),
    path("shift/", shift_page, name="shift"),
    path("shift/start", shift_start_view, name="shift-start"),
    path("shift/break", shift_break_view, name="shift-break"),
    path("shift/end", shift_end_view, name="shift-end"),
    path("shift/<int:pk>/", shift_detail, name="shift-detail"),
    path("shift/<int:pk>/accept", shift_accept_view, name="shift-accept"),
    path("to-log/", to_log_list, name="to-log-list"),
    path("<int:pk>/claim", alert_claim_view, name="alert-claim"),
    path("<int:pk>/release", alert_release_view, name="alert-release"),
    path("<int:pk>/decision", alert_decision, name="alert-decision"),
    path("<int:pk>/undo", alert_undo, name="alert-undo"),
    path("<int:pk>/actions", alert_log_actions_view, name="alert-log-actions"),
    path("<int:pk>/watched", alert_watched, name="alert-watched"),
    path("<int:pk>/clip-state", alert_clip_state, name="alert-clip-state"),
    path("<int:pk>/live", alert_live, name="alert-live"),
    path("<int:pk>/clip.mp4", alert_clip, name="alert-clip"),
    path("<int:pk>/export", alert_export_view, name="alert-export"),
    path("<int:pk>/poster.jpg", alert_poster, name="alert-poster"),
]
