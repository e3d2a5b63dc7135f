"""What became of complaints, as everybody may read it: small counts hidden, each complaint in one outcome only."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import Count
from django.utils.translation import gettext

from paca_site.oversight.figures import Figure, publish
from paca_site.oversight.redress.models import Complaint, Outcome


class OutcomeRow(NamedTuple):
    """One outcome and how often it came."""

    label: str
    number: Figure


def outcome_rows() -> Sequence[OutcomeRow]:
    """Return every outcome of the complaints that are kept, and those that wait; nothing while there is none."""
    counted = dict(Complaint.objects.order_by().values_list("outcome").annotate(kept=Count("pk")))
    if not counted:
        return []
    labels = {"": gettext("Waiting for an answer"), **dict(Outcome.choices)}
    return [OutcomeRow(str(label), publish(counted.get(value, 0))) for value, label in labels.items()]
