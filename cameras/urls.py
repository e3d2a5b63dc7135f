"""Addresses of cameras, the wall and retention."""

from django.urls import URLPattern

app_name = "cameras"
urlpatterns: list[URLPattern] = []
