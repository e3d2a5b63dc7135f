"""Addresses of assessments."""

from django.urls import path

from cameras.assessing import views

app_name = "assessing"
urlpatterns = [
    path("", views.standing_list, name="standing-list"),
    path("sites/<int:pk>/<slug:slug>/start", views.assessment_begin, name="assessment-begin"),
    path("<int:pk>/", views.assessment_detail, name="assessment-detail"),
    path("<int:pk>/answer", views.assessment_answer, name="assessment-answer"),
    path("<int:pk>/submit", views.assessment_hand_in, name="assessment-submit"),
    path("<int:pk>/return", views.assessment_send_back, name="assessment-return"),
    path("<int:pk>/sign", views.assessment_set_name, name="assessment-sign"),
]
