"""Addresses of second reviews."""

from django.urls import path

from alerts.reviewing import views

app_name = "reviewing"
urlpatterns = [
    path("", views.review_list, name="review-list"),
    path("<int:pk>/", views.review_detail, name="review-detail"),
    path("<int:pk>/give", views.review_give_view, name="review-give"),
    path("<int:pk>/settle", views.disagreement_settle_view, name="review-settle"),
]
