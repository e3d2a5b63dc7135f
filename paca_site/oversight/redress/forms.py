"""The forms of redress: filing and looking up for everybody, working and answering for supervisors."""

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cameras.models import Camera, Site
from paca_site.oversight.alert_numbers import read_alert_numbers
from paca_site.oversight.redress.models import SHORTEST_ANSWER, Complaint, ComplaintKind, Outcome

if TYPE_CHECKING:
    ComplaintModelForm = forms.ModelForm[Complaint]
else:
    ComplaintModelForm = forms.ModelForm


class ComplaintForm(ComplaintModelForm):
    """What somebody asks, objects to or complains of; a name is not asked for."""

    contact = forms.CharField(
        label=_("How can we reach you?"),
        max_length=200,
        required=False,
        help_text=_(
            "Optional. Without it you read the answer here, with the reference and the secret you will be given."
        ),
    )
    form_token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    class Meta:
        model = Complaint
        fields = ["site", "kind", "happened", "message"]
        widgets = {"message": forms.Textarea(attrs={"rows": 7})}
        help_texts = {"message": _("Please write no more about yourself or others than is needed. 2,000 characters.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        self.fields["site"] = forms.ModelChoiceField(
            Site.objects.all(), label=gettext("Place"), empty_label=gettext("Choose")
        )
        self.fields["kind"].choices = [("", "Choose"), *ComplaintKind.choices]  # type: ignore[attr-defined]


class LookUpForm(forms.Form):
    """Reference and secret of a complaint."""

    reference = forms.CharField(max_length=20, help_text=_("Such as R-7K3M-9QXD."))
    secret = forms.CharField(max_length=30, help_text=_("As you were given it; capitals do not matter."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})


class WorkForm(ComplaintModelForm):
    """What was found, and what it is about."""

    alerts = forms.CharField(required=False, max_length=600, help_text=_("Numbers of alerts of this site: 12, 15."))

    class Meta:
        model = Complaint
        fields = ["cameras", "note"]
        widgets = {"note": forms.Textarea(attrs={"rows": 5}), "cameras": forms.CheckboxSelectMultiple}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        cameras = Camera.objects.filter(site=self.instance.site)
        self.fields["cameras"].queryset = cameras  # type: ignore[attr-defined]
        self.fields["cameras"].help_text = ""
        self.initial.setdefault("alerts", ", ".join(str(pk) for pk in self.instance.alert_ids))

    def clean_alerts(self) -> list[int]:
        """Read the numbers; every one that was not linked before must be an alert of this site."""
        return read_alert_numbers(self.cleaned_data["alerts"], self.instance.site, self.instance.alert_ids)


class AnswerForm(forms.Form):
    """The answer, as the person will read it; it is given once."""

    outcome = forms.ChoiceField(label=_("Outcome"), choices=[("", _("Choose")), *Outcome.choices])
    answer = forms.CharField(
        label=_("Answer"),
        max_length=4000,
        min_length=SHORTEST_ANSWER,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_(
            "The person reads this. Name nobody; say what was found, what follows, and where else to complain."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
