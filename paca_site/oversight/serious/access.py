"""Who may reach a serious-incident report: people of its site, by their role."""

from django.http import Http404

from paca_site.accounts.access import site_ids
from paca_site.accounts.models import Role, User
from paca_site.oversight.serious.models import Report, ReportQuerySet

READS = (Role.SUPERVISOR, Role.ADMINISTRATOR, Role.AUDITOR)
WRITES = (Role.SUPERVISOR, Role.ADMINISTRATOR)


def visible_reports(user: User) -> ReportQuerySet:
    """Reports about the sites of a supervisor, administrator or auditor."""
    if not user.has_role(*READS):
        return Report.objects.none()
    return Report.objects.filter(site__in=site_ids(user)).select_related("site", "filed_by", "closed_by")


def access_report(user: User, pk: int, *, write: bool = False) -> Report:
    """Return a report about one of the person's sites.

    Args:
        user: who asks.
        pk: the report.
        write: the person will add to it or close it: supervisors and administrators.

    Raises:
        Http404: there is none, it is out of scope, or the role may not.
    """
    if write and not user.has_role(*WRITES):
        raise Http404("No such report.")
    report = visible_reports(user).filter(pk=pk).first()
    if report is None:
        raise Http404("No such report.")
    return report
