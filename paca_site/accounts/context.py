"""What the header of every page shows: who is signed in and which pages their role opens."""

from typing import TYPE_CHECKING, Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from paca_site.accounts.models import Role, User
from paca_site.accounts.sessions import seconds_left

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Page(NamedTuple):
    """One entry of the navigation: URL name, word, roles that see it, and the drop-down it stands in ("": none)."""

    url_name: str
    label: "StrOrPromise"
    roles: frozenset[Role]
    group: str = ""


class Group(NamedTuple):
    """One drop-down of the navigation."""

    label: "StrOrPromise"
    pages: list[dict[str, Any]]
    is_current: bool


GROUPS = {"Custody": _("Custody"), "Oversight": _("Oversight")}
FOOTAGE_ROLES = frozenset({Role.OPERATOR, Role.SUPERVISOR})
PAGES = (
    Page("alerts:queue", _("Alerts"), FOOTAGE_ROLES),
    Page("cameras:wall", _("Wall"), FOOTAGE_ROLES),
    Page("alerts:shift", _("Shift"), FOOTAGE_ROLES),
    Page("alerts:decision-list", _("Decisions"), frozenset({Role.SUPERVISOR, Role.AUDITOR})),
    Page("cameras:camera-list", _("Cameras"), frozenset({Role.ADMINISTRATOR, Role.SUPERVISOR, Role.AUDITOR})),
    Page("site_map:first-map", _("Map"), FOOTAGE_ROLES | {Role.ADMINISTRATOR}),
    Page("stopping:halt-list", _("Stop"), FOOTAGE_ROLES),
    Page("system_alerts:alert-list", _("System"), frozenset({Role.OPERATOR})),
    Page("system:system-page", _("System"), frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})),
    Page(
        "cameras:policy-list",
        _("Retention"),
        frozenset({Role.ADMINISTRATOR, Role.AUDITOR, Role.CUSTODIAN}),
        "Custody",
    ),
    Page(
        "ceilings:ceiling-list",
        _("Ceilings"),
        frozenset({Role.ADMINISTRATOR, Role.SUPERVISOR, Role.AUDITOR, Role.CUSTODIAN}),
        "Custody",
    ),
    Page("cameras:holding-list", _("What is kept"), frozenset(set(Role) - {Role.OPERATOR}), "Custody"),
    Page("cameras:hold-list", _("Holds"), frozenset({Role.SUPERVISOR, Role.CUSTODIAN, Role.AUDITOR}), "Custody"),
    Page("custody:key-list", _("Custodian's key"), frozenset(set(Role) - {Role.OPERATOR}), "Custody"),
    Page("warrants:release-list", _("Releases"), frozenset(set(Role) - {Role.OPERATOR}), "Custody"),
    Page(
        "authorising:authorisation-list",
        _("Authorisations"),
        frozenset({Role.ADMINISTRATOR, Role.SUPERVISOR, Role.AUDITOR}),
        "Oversight",
    ),
    Page(
        "assessing:standing-list",
        _("Assessments"),
        frozenset({Role.ADMINISTRATOR, Role.SUPERVISOR, Role.AUDITOR}),
        "Oversight",
    ),
    Page(
        "necessity:proposal-list",
        _("Necessity"),
        frozenset({Role.ADMINISTRATOR, Role.SUPERVISOR, Role.AUDITOR}),
        "Oversight",
    ),
    Page("sharing:load", _("Load"), frozenset({Role.SUPERVISOR}), "Oversight"),
    Page("reviewing:review-list", _("Second reviews"), FOOTAGE_ROLES, "Oversight"),
    Page("training:course-detail", _("Training"), FOOTAGE_ROLES, "Oversight"),
    Page("training:certificate-list", _("Certificates"), frozenset({Role.SUPERVISOR, Role.AUDITOR}), "Oversight"),
    Page("deciding:own-detail", _("My decisions"), FOOTAGE_ROLES, "Oversight"),
    Page("deciding:process-detail", _("How we decide"), frozenset({Role.SUPERVISOR, Role.AUDITOR}), "Oversight"),
    Page(
        "fairness:fairness-detail",
        _("Fairness"),
        frozenset({Role.ADMINISTRATOR, Role.SUPERVISOR, Role.AUDITOR}),
        "Oversight",
    ),
    Page(
        "benefit:benefit-detail",
        _("Benefit and cost"),
        frozenset({Role.ADMINISTRATOR, Role.SUPERVISOR, Role.AUDITOR}),
        "Oversight",
    ),
    Page("seeding:seeding", _("Test alerts"), frozenset({Role.SUPERVISOR}), "Oversight"),
    Page(
        "releasing:release-list",
        _("Models"),
        frozenset({Role.ADMINISTRATOR, Role.SUPERVISOR, Role.AUDITOR}),
        "Oversight",
    ),
    Page(
        "commissioning:run-list",
        _("Commissioning"),
        frozenset({Role.OPERATOR, Role.SUPERVISOR, Role.ADMINISTRATOR, Role.AUDITOR}),
        "Oversight",
    ),
    Page(
        "inviting:invitation-list",
        _("Invitations"),
        frozenset({Role.ADMINISTRATOR, Role.SUPERVISOR, Role.AUDITOR}),
        "Oversight",
    ),
    Page(
        "leaking:leak-list",
        _("Leak watch"),
        frozenset({Role.OPERATOR, Role.SUPERVISOR, Role.ADMINISTRATOR, Role.AUDITOR}),
        "Oversight",
    ),
    Page(
        "drifting:drift-list",
        _("Drift"),
        frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR, Role.AUDITOR}),
        "Oversight",
    ),
    Page("stopping:halt-list", _("Stopped"), frozenset({Role.ADMINISTRATOR, Role.AUDITOR}), "Oversight"),
    Page(
        "boxes:box-list",
        _("Camera boxes"),
        frozenset({Role.ADMINISTRATOR, Role.SUPERVISOR, Role.AUDITOR}),
        "Oversight",
    ),
    Page("redress:complaint-list", _("Complaints"), frozenset({Role.SUPERVISOR, Role.AUDITOR}), "Oversight"),
    Page(
        "serious:report-list",
        _("Serious incidents"),
        frozenset({Role.ADMINISTRATOR, Role.SUPERVISOR, Role.AUDITOR}),
        "Oversight",
    ),
    Page("watching:report-detail", _("Who watched"), frozenset({Role.SUPERVISOR, Role.AUDITOR}), "Oversight"),
    Page("dossier:technical-file", _("Technical file"), frozenset({Role.SUPERVISOR, Role.AUDITOR}), "Oversight"),
    Page("audit:entry-list", _("Audit trail"), frozenset({Role.AUDITOR})),
)


def home_url_name(user: User) -> str:
    """Return the first page of the person's role."""
    return next(page.url_name for page in PAGES if user.role in page.roles)


def _session_left(request: HttpRequest, user: User) -> dict[str, int]:
    idle, left = seconds_left(request.session, user.role)
    return {"idle_s": max(0, int(idle)), "left_s": max(0, int(left))}


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the pages, what is left of the session, and what the installation is.

    `pages`, `page_groups`, `current_page` (an address), `session_left` (seconds), `is_demo`, `needs_factor`,
    `identity_provider` (its name; empty: none).
    """
    user = getattr(request, "user", None)
    pages = [
        {"label": str(page.label), "url": reverse(page.url_name), "group": page.group}
        for page in PAGES
        if isinstance(user, User) and user.role in page.roles
    ]
    # a page and all below it: an alert belongs to Alerts, but the decisions, below the same address, to Decisions
    within = [page["url"] for page in pages if request.path.startswith(page["url"])]
    current = max(within, key=len, default="")
    grouped: dict[str, list[dict[str, Any]]] = {}
    for page in pages:
        grouped.setdefault(page["group"], []).append(page)
    return {
        "pages": grouped.pop("", []),
        "page_groups": [
            Group(GROUPS[name], inside, any(page["url"] == current for page in inside))
            for name, inside in grouped.items()
        ],
        "current_page": current,
        "is_demo": settings.DEMO,
        "identity_provider": settings.OIDC.name,
        "needs_factor": settings.REQUIRE_SECOND_FACTOR,
        "session_left": _session_left(request, user) if isinstance(user, User) else None,
    }
