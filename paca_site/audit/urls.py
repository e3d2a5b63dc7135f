"""Addresses of the audit trail."""

from django.urls import URLPattern, path

from paca_site.audit import views

app_name = "audit"
urlpatterns: list[URLPattern] = [
    path("", views.entry_list, name="entry-list"),
    path("export", views.entry_export, name="entry-export"),
    path("verify", views.verify, name="verify"),
    path("<int:number>/", views.entry_detail, name="entry-detail"),
]
