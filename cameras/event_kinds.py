"""The kinds of event that the detector can call, in neutral words; the names are the core's."""

from django.utils.translation import gettext_lazy as _

KINDS = {
    "unusual-movement": _("Unusual movement"),
    "dispersal": _("Crowd dispersing"),
    "person-on-ground": _("Person on the ground"),
    "vehicle-among-people": _("Vehicle among people"),
}
