"""Why a commissioning ended without a verdict: a code and its facts, told in the reader's language."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils import translation
from django.utils.translation import gettext_lazy as _

TROUBLES: Final = {
    "unended": _("The walk has no end."),
    "unrecorded": _("Nothing was recorded during the walk: see the camera's page for why."),
    "masker": _("The masker changed during the walk ({maskers}): walk again."),
    "unreadable": _("A recording of the walk cannot be read: {error}"),
    "disk": _("A still cannot be written: {error}."),
    "few": _("The recording of the walk gave {stills} stills; at least {fewest} are needed."),
    "edge": _("The camera became an edge camera meanwhile, which stores nothing."),
    "gone": _("It was given up, or another worker was faster."),
    "overdue": _("It was open for {days} days."),
}


def trouble_sentence(code: str, facts: Mapping[str, Any]) -> str:
    """Return a trouble in words, in the language that is active."""
    return str(TROUBLES[code]).format(**facts)


def trouble_in_english(code: str, facts: Mapping[str, Any]) -> str:
    """Return a trouble as the trail and the log have it."""
    with translation.override("en"):
        return trouble_sentence(code, facts)
