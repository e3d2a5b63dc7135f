"""Addresses of training: the course for everybody who decides, certificates for supervisors and auditors."""

from django.urls import path

from alerts.training.views.certificates import certificate_grant_view, certificate_list, certificate_withdraw_view
from alerts.training.views.course import case_list, chapter_detail, course_detail
from alerts.training.views.quiz import quiz_answer

app_name = "training"
urlpatterns = [
    path("", course_detail, name="course-detail"),
    path("pages/<int:chapter>/", chapter_detail, name="chapter-detail"),
    path("cases/", case_list, name="case-list"),
    path("quiz/", quiz_answer, name="quiz-answer"),
    path("certificates/", certificate_list, name="certificate-list"),
    path("people/<int:pk>/grant/", certificate_grant_view, name="certificate-grant"),
    path("certificates/<int:pk>/withdraw/", certificate_withdraw_view, name="certificate-withdraw"),
]
