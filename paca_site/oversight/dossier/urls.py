"""Addresses of the technical file."""

from django.urls import path

from paca_site.oversight.dossier.views import technical_file, technical_file_download

app_name = "dossier"
urlpatterns = [
    path("", technical_file, name="technical-file"),
    path("download", technical_file_download, name="technical-file-download"),
]
