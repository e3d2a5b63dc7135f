"""Why the trail, or a list, is taken out of PACA."""

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

REASON_MIN: Final = 10
REASON_MAX: Final = 200


class ExportForm(forms.Form):
    """The reason of an export; it stands in the trail."""

    reason = forms.CharField(
        min_length=REASON_MIN,
        max_length=REASON_MAX,
        help_text=_("Who will read it and why, such as a case number; at least 10 characters. It stands in the trail."),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.label_suffix = ""


class DownloadForm(forms.Form):
    """The reason of a list's download; it stands in the trail."""

    reason = forms.CharField(
        label=_("Reason of the download"),
        min_length=REASON_MIN,
        max_length=REASON_MAX,
        help_text=_("Who will read it and why; at least {reason_min} characters. It stands in the trail.").format(
            reason_min=REASON_MIN
        ),
    )

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, label_suffix="")
