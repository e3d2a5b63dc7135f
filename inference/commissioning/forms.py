"""Forms of commissioning. What they let through, the services check again."""

from django import forms
from django.utils.translation import gettext_lazy as _

from cameras.commissioning.models import MOST_PEOPLE, REASON_MIN
from inference.commissioning.services.walking import SHORTEST_ROUTE


class WalkForm(forms.Form):
    """Begin a walk."""

    walkers = forms.IntegerField(
        label=_("People who walk"), min_value=1, max_value=MOST_PEOPLE, help_text=_("1 to 99; two at least meet.")
    )
    route = forms.CharField(
        label=_("Where and how they walk"),
        min_length=SHORTEST_ROUTE,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Near and far, at the borders, sitting, crossing, with a bag, pram or wheelchair. Nobody's name."),
    )
    has_agreed = forms.BooleanField(
        label=_("Everybody who walks knows what for, and has agreed"),
        error_messages={"required": _("Nobody is recorded for a test without agreeing.")},
    )


class LabelForm(forms.Form):
    """Count on one still."""

    visible = forms.IntegerField(
        label=_("People visible in all"), min_value=0, max_value=MOST_PEOPLE, help_text=_("Covered or not, 0 to 99.")
    )
    uncovered = forms.IntegerField(
        label=_("Of them not fully covered"),
        min_value=0,
        max_value=MOST_PEOPLE,
        help_text=_("Skin, hair, clothing or a limb shows."),
    )


class SignForm(forms.Form):
    """Go or no-go."""

    verdict = forms.ChoiceField(
        label=_("Decision"),
        choices=(("go", _("Go: the camera may run")), ("no-go", _("No go: the camera stays off"))),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose go or no go.")},
    )
    reason = forms.CharField(
        label=_("Reason"),
        min_length=REASON_MIN,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Also why a figure that is beyond its bound, or rests on little, is acceptable here."),
    )
