"""Certificates of the people of one's sites: who has none, whose ends soon; granting and withdrawing."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from alerts.training.access import SEES_PEOPLE, access_certificate, access_person
from alerts.training.forms import CertificateForm
from alerts.training.people import people_rows
from alerts.training.services.granting import certificate_grant, certificate_withdraw
from paca_site.accounts.access import role_required, signed_in
from paca_site.accounts.models import Role
from paca_site.accounts.training.models import Certificate


@require_safe
@role_required(*SEES_PEOPLE)
def certificate_list(request: HttpRequest) -> HttpResponse:
    """List the people who decide alerts, those who may not first."""
    return _list(request)


@require_http_methods(["GET", "HEAD", "POST"])
def certificate_grant_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Grant a person a certificate of a course that was held elsewhere; refusals keep what was written."""
    user = signed_in(request)
    person = access_person(user, pk)
    form = CertificateForm(request.POST or None, instance=Certificate(person=person))
    if request.method == "POST" and form.is_valid():
        try:
            granted = certificate_grant(certificate=form.instance, actor=user)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(
                request,
                gettext("{person} has a certificate until {day}.").format(person=person, day=granted.ends_on),
            )
            return redirect("training:certificate-list")
    status = 422 if request.method == "POST" else 200
    return render(request, "training/certificate_grant.html", {"person": person, "form": form}, status=status)


@require_POST
def certificate_withdraw_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Withdraw a certificate, with a reason."""
    user = signed_in(request)
    certificate = access_certificate(user, pk)
    reason = request.POST.get("reason", "")
    try:
        certificate_withdraw(certificate=certificate, actor=user, reason=reason)
    except ValidationError as error:
        return _list(request, failed=pk, errors=error.messages, given=reason)
    messages.success(request, gettext("Withdrawn: {person}, {course}.").format(
        person=certificate.person, course=certificate.course
    ))  # fmt: skip
    return redirect("training:certificate-list")


def _list(request: HttpRequest, *, failed: int = 0, errors: list[str] | None = None, given: str = "") -> HttpResponse:
    user = signed_in(request)
    rows = people_rows(user)
    context = {
        "rows": rows,
        "without": sum(not row.standing.may_decide for row in rows),
        "soon": sum(row.standing.state in {"ending", "grace"} for row in rows),
        "may_grant": user.has_role(Role.SUPERVISOR),
        "failed": failed,
        "errors": errors,
        "given": given,
    }
    return render(request, "training/certificate_list.html", context, status=422 if errors else 200)
