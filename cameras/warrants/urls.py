"""Addresses of releases under a warrant."""

from django.urls import path

from cameras.exporting import views as export_views
from cameras.warrants import viewer_views, views

app_name = "warrants"
urlpatterns = [
    path("", views.release_list, name="release-list"),
    path("add", views.release_add, name="release-add"),
    path("<int:pk>/", views.release_detail, name="release-detail"),
    path("<int:pk>/order", views.release_order, name="release-order"),
    path("<int:pk>/confirm", views.release_check, name="release-confirm"),
    path("<int:pk>/decide", views.release_decide, name="release-decide"),
    path("<int:pk>/refuse", views.release_turn_down, name="release-refuse"),
    path("<int:pk>/withdraw", views.release_take_back, name="release-withdraw"),
    path("<int:pk>/view", viewer_views.release_view, name="release-view"),
    path("<int:pk>/unlock", viewer_views.release_open_up, name="release-unlock"),
    path("<int:pk>/watch", viewer_views.release_ask, name="release-watch"),
    path("<int:pk>/viewings/<int:viewing>.mp4", viewer_views.viewing_show, name="viewing-show"),
    path("<int:pk>/export", export_views.release_export, name="release-export"),
    path("<int:pk>/end", viewer_views.release_finish, name="release-end"),
]
