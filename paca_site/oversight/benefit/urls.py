"""Addresses of benefit and cost."""

from django.urls import path

from paca_site.oversight.benefit.views import benefit_detail, benefit_export

app_name = "benefit"
urlpatterns = [
    path("", benefit_detail, name="benefit-detail"),
    path("export", benefit_export, name="benefit-export"),
]
