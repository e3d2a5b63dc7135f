"""Addresses of changes of modality; the keys are those of cameras."""

from django.urls import path

from alerts.modality import views

app_name = "modality"
urlpatterns = [
    path("<int:pk>/", views.modality_page, name="modality"),
    path("<int:pk>/ask", views.modality_ask, name="ask"),
    path("<int:pk>/give-up", views.modality_give_up, name="give-up"),
]
