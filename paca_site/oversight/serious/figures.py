"""Serious incidents as everybody may read them: how many, and how they ended; small counts hidden."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import Count
from django.utils.translation import gettext

from paca_site.oversight.figures import Figure, publish
from paca_site.oversight.serious.harms import Outcome
from paca_site.oversight.serious.models import Report


class SeriousRow(NamedTuple):
    """One way in which incidents ended, and how often."""

    label: str
    number: Figure


def serious_rows() -> Sequence[SeriousRow]:
    """Return how many reports are open and how many ended in which way; nothing while there is none.

    Each report is counted in one row, so that no sum tells of a hidden one.
    """
    counted = dict(Report.objects.order_by().values_list("outcome").annotate(kept=Count("pk")))
    if not counted:
        return []
    labels = {"": gettext("Being worked on"), **dict(Outcome.choices)}
    return [SeriousRow(str(label), publish(counted.get(value, 0))) for value, label in labels.items()]
