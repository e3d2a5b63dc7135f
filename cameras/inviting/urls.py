"""Addresses of invitations."""

from django.urls import path

from cameras.inviting import views

app_name = "inviting"
urlpatterns = [
    path("", views.invitation_list, name="invitation-list"),
    path("add/", views.invitation_add, name="invitation-add"),
    path("<int:pk>/", views.invitation_detail, name="invitation-detail"),
    path("<int:pk>/let-in/", views.invitation_let_in, name="invitation-let-in"),
    path("<int:pk>/revoke/", views.invitation_end, name="invitation-revoke"),
    path("open/<str:token>/", views.invitation_open, name="invitation-open"),
]
