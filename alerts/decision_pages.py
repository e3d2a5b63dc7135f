"""Pages of decisions by position, not by number: as fast on the last page as on the first, and nothing is skipped."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from alerts.models import Decision

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class DecisionPage:
    """Some decisions, and the key of the last one where older ones follow."""

    decisions: list[Decision]
    next_before: int | None
    is_first: bool


def decision_page(found: QuerySet[Decision], before: str) -> DecisionPage:
    """Return up to `PER_PAGE` decisions that are older than the decision with the key `before`, newest first."""
    ordered = found.order_by("-at", "-pk")
    last = Decision.objects.filter(pk=int(before)).first() if before.isdecimal() and len(before) < 19 else None
    if last is not None:
        # the first says where the index is entered: an "or" alone is compared with every decision that is newer
        ordered = ordered.filter(at__lte=last.at).filter(Q(at__lt=last.at) | Q(pk__lt=last.pk))
    decisions = list(ordered[: PER_PAGE + 1])
    more = len(decisions) > PER_PAGE
    decisions = decisions[:PER_PAGE]
    return DecisionPage(decisions, decisions[-1].pk if more else None, last is None)
