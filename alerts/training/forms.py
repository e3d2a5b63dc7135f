"""Form of a certificate that a supervisor grants."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from paca_site.accounts.training.models import Certificate, today

if TYPE_CHECKING:
    CertificateModelForm = forms.ModelForm[Certificate]
else:
    CertificateModelForm = forms.ModelForm


class CertificateForm(CertificateModelForm):
    """Course, day and last day; whose it is stands in the address."""

    class Meta:
        model = Certificate
        fields = ("course", "taken_on", "ends_on")
        widgets = {
            "taken_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "ends_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }
        help_texts = {"course": _("What the course was and who held it, so that it can be asked for.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # of the form, not of its fields: the empty days of a new certificate would win over those
        self.initial.update(taken_on=today(), ends_on=today() + timedelta(days=365))
