"""The forms of redress: filing and looking up for everybody, working and answering for supervisors."""

import re
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from alerts.models import Alert
from cameras.models import Camera, Site
from paca_site.oversight.redress.models import SHORTEST_ANSWER, Complaint, ComplaintKind, Outcome

if TYPE_CHECKING:
    ComplaintModelForm = forms.ModelForm[Complaint]
else:
    ComplaintModelForm = forms.ModelForm

MOST_ALERTS = 50


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
        words = re.split(r"[\s,;]+", self.cleaned_data["alerts"].strip())
        wrong = [word for word in words if word and not (word.isdecimal() and len(word) <= 18)]
        if wrong:
            raise forms.ValidationError(
                gettext("Numbers of alerts are digits; got {numbers}.").format(numbers=", ".join(wrong[:5]))
            )
        given = sorted({int(word) for word in words if word})
        if len(given) > MOST_ALERTS:
            raise forms.ValidationError(
                gettext("At most {most_alerts} alerts; got {given}.").format(most_alerts=MOST_ALERTS, given=len(given))
            )
        known = set(Alert.objects.filter(pk__in=given, camera__site=self.instance.site).values_list("pk", flat=True))
        unknown = [number for number in given if number not in known and number not in self.instance.alert_ids]
        if unknown:
            raise forms.ValidationError(
                gettext("This site has no alert {numbers}.").format(numbers=", ".join(map(str, unknown[:5])))
            )
        return given


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
