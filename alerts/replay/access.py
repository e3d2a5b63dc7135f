"""Who may replay a decision: it shows footage and a colleague's work."""

from django.http import Http404

from alerts.access import visible_decisions
from alerts.models import Decision, Verdict
from paca_site.accounts.models import Role, User


def access_replay(user: User, pk: int) -> Decision:
    """Return a decision to replay it: supervisors of its site. An undo is no decision of its own and has no replay.

    Raises:
        Http404: there is none, it is out of scope, or the role may not.
    """
    if not user.has_role(Role.SUPERVISOR):
        raise Http404("No such decision.")
    found = visible_decisions(user).select_related("alert__camera__retention", "alert__camera__site", "by")
    decision = found.exclude(verdict=Verdict.UNDO).filter(pk=pk).first()
    if decision is None:
        raise Http404("No such decision.")
    return decision
