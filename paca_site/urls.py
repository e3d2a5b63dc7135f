"""Every address of the product."""

from django.urls import include, path

from inference.views.metrics import metrics
from paca_site.accounts.language import javascript_words, language_choose
from paca_site.accounts.views import health, home

urlpatterns = [
    path("", home, name="home"),
    path("healthz", health, name="health"),
    path("language/", language_choose, name="language"),
    path("words/<str:language>.js", javascript_words, name="words"),
    path("account/", include("paca_site.accounts.urls")),
    path("account/", include("cameras.inviting.oidc_urls")),
    path("alerts/", include("alerts.urls")),
    path("cameras/", include("cameras.urls")),
    path("load/", include("alerts.sharing.urls")),
    path("seeding/", include("alerts.seeding.urls")),
    path("training/", include("alerts.training.urls")),
    path("reviews/", include("alerts.reviewing.urls")),
    path("necessity/", include("alerts.necessity.urls")),
    path("map/", include("alerts.site_map.urls")),
    path("modality/", include("alerts.modality.urls")),
    path("ceilings/", include("cameras.ceilings.urls")),
    path("authorisations/", include("cameras.authorising.urls")),
    path("assessments/", include("cameras.assessing.urls")),
    path("stop/", include("cameras.stopping.urls")),
    path("custody/", include("cameras.custody.urls")),
    path("warrants/", include("cameras.warrants.urls")),
    path("models/", include("inference.releasing.urls")),
    path("commissioning/", include("inference.commissioning.urls")),
    path("drift/", include("inference.drifting.urls")),
    path("leaks/", include("inference.leaking.urls")),
    path("box/", include("inference.receiving.urls")),
    path("invitations/", include("cameras.inviting.urls")),
    path("boxes/", include("cameras.boxes.urls")),
    path("metrics", metrics, name="metrics"),
    path("system/", include("inference.urls")),
    path("system/alerts/", include("alerts.system.urls")),
    path("playback/", include("alerts.playback.urls")),
    path("audit/", include("paca_site.audit.urls")),
    path("watched/", include("paca_site.oversight.watching.urls")),
    path("deciding/", include("paca_site.oversight.deciding.urls")),
    path("fairness/", include("paca_site.oversight.fairness.urls")),
    path("benefit/", include("paca_site.oversight.benefit.urls")),
    path("transparency/", include("paca_site.oversight.urls")),
    path("technical-file/", include("paca_site.oversight.dossier.urls")),
    path("serious/", include("paca_site.oversight.serious.urls")),
    path("redress/", include("paca_site.oversight.redress.urls")),
]
handler403 = "paca_site.accounts.views.forbidden"
handler404 = "paca_site.accounts.views.not_found"
