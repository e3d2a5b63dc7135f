"""Addresses of cameras, the wall and retention."""

from django.urls import URLPattern, path

from cameras.views import (
    camera_forms,
    camera_masking,
    camera_sensitivity,
    cameras,
    holdings,
    holds,
    plain_live,
    policies,
    wall,
)

app_name = "cameras"
urlpatterns: list[URLPattern] = [
    path("", cameras.camera_list, name="camera-list"),
    path("wall/", wall.wall, name="wall"),
    path("wall/alerts", wall.wall_alerts, name="wall-alerts"),
    path("add", camera_forms.camera_add, name="camera-add"),
    path("test", camera_forms.camera_test, name="camera-test"),
    path("test/<str:token>", camera_forms.camera_test_result_page, name="camera-test-result"),
    path("plan", camera_forms.camera_plan_preview, name="camera-plan"),
    path("keeping", camera_forms.camera_keeping_preview, name="camera-keeping"),
    path("<int:pk>/", cameras.camera_detail, name="camera-detail"),
    path("<int:pk>/health", cameras.camera_health, name="camera-health"),
    path("<int:pk>/change", camera_forms.camera_change, name="camera-change"),
    path("<int:pk>/masking", camera_masking.camera_masking, name="camera-masking"),
    path("<int:pk>/sensitivity", camera_sensitivity.camera_sensitivity, name="camera-sensitivity"),
    path("<int:pk>/live/", plain_live.plain_live, name="plain-live"),
    path("<int:pk>/live/film", plain_live.plain_film, name="plain-film"),
    path("<int:pk>/live/picture.jpg", plain_live.plain_picture, name="plain-picture"),
    path("<int:pk>/switch", cameras.camera_switch, name="camera-switch"),
    path("retention/", policies.policy_list, name="policy-list"),
    path("retention/add", policies.policy_add, name="policy-add"),
    path("retention/preview", policies.policy_preview, name="policy-preview"),
    path("retention/<int:pk>/change", policies.policy_change, name="policy-change"),
    path("holds/", holds.hold_list, name="hold-list"),
    path("holds/add", holds.hold_add, name="hold-add"),
    path("holds/<int:pk>/", holds.hold_detail, name="hold-detail"),
    path("holds/<int:pk>/end", holds.hold_end, name="hold-end"),
    path("kept/", holdings.holding_list, name="holding-list"),
    path("kept/expiring", holdings.expiring_list, name="expiring-list"),
]
