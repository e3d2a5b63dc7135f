"""`manage.py people`: open, change and close accounts, on the machine itself."""

import argparse
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from cameras.models import Site
from cameras.services import people
from paca_site.accounts.models import Role, SiteScope, User


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"must be a date such as 2027-01-31; got {text!r}") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class Command(BaseCommand):
    """One change a call, each with a reason. No page does this: who may is whoever may start commands here."""

    help = "Open, change and close people's accounts. Every change needs --reason and stands in the audit trail."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare one sub-command for each change."""
        changes = parser.add_subparsers(dest="change", required=True)
        changes.add_parser("list", help="everybody, with role and sites")
        for name, told in (
            ("add", "open an account; prints its first password"),
            ("role", "give another role"),
            ("grant", "let somebody work with a site"),
            ("withdraw", "end somebody's work with a site"),
            ("password", "set a new random password, and print it; ends their sessions"),
            ("forget-factor", "remove a lost second factor; the next sign-in asks for a new one"),
            ("deactivate", "close an account (people are never deleted)"),
            ("reactivate", "open a closed account again"),
        ):
            change = changes.add_parser(name, help=told)
            change.add_argument("username")
            change.add_argument("--reason", required=True, help="why; stands in the audit trail")
            if name in ("add", "role"):
                change.add_argument("--role", required=True, choices=Role.values)
            if name in ("add", "grant", "withdraw"):
                change.add_argument("--site", required=True, action="append", help="short name (slug); may be repeated")
            if name in ("add", "grant"):
                change.add_argument("--until", type=_moment, help="when the scope ends (UTC where no zone is given)")
            if name == "add":
                change.add_argument("--name", required=True, help="the person's own name")

    def handle(self, *args: Any, change: str, **options: Any) -> None:
        """Do the change, say what was done."""
        if change == "list":
            self._list()
            return
        try:
            with transaction.atomic():  # several sites, or none
                self._change(change, options)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error

    def _change(self, change: str, options: dict[str, Any]) -> None:
        username, reason = options["username"], options["reason"]
        sites = [_site(slug) for slug in options.get("site") or ()]
        if change == "add":
            _, password = people.person_add(
                username=username,
                full_name=options["name"],
                role=Role(options["role"]),
                sites=sites,
                until=options["until"],
                reason=reason,
            )
            self._tell_password(username, password)
            return
        user = _person(username)
        if change == "password":
            self._tell_password(username, people.person_password_set(user=user, reason=reason))
            return
        if change == "role":
            people.person_role_change(user=user, role=Role(options["role"]), reason=reason)
        elif change == "forget-factor":
            people.person_second_factor_remove(user=user, reason=reason)
        elif change in ("deactivate", "reactivate"):
            people.person_active_set(user=user, is_active=change == "reactivate", reason=reason)
        for site in sites:
            if change == "grant":
                people.scope_grant(user=user, site=site, until=options["until"], reason=reason)
            else:
                people.scope_end(user=user, site=site, reason=reason)
        self.stdout.write(f"Done: {change} {username}.")

    def _tell_password(self, username: str, password: str) -> None:
        self.stdout.write(f"Sign-in name: {username}\nPassword:     {password}")
        self.stdout.write("Shown once. Give it to that person alone; they change it at /account/password/change/.")

    def _list(self) -> None:
        now = timezone.now()
        scopes: dict[int, list[str]] = {}
        for scope in SiteScope.objects.exclude(ends_at__lte=now).select_related("site").order_by("site__slug"):
            until = f" (until {scope.ends_at:%Y-%m-%d %H:%M})" if scope.ends_at else ""
            scopes.setdefault(scope.user_id, []).append(scope.site.slug + until)
        for user in User.objects.order_by("username"):
            state = "" if user.is_active else "  deactivated"
            self.stdout.write(f"{user.username:<20} {user.role:<14} {', '.join(scopes.get(user.pk, [])) or '-'}{state}")


def _person(username: str) -> User:
    user = User.objects.filter(username=username).first()
    if user is None:
        raise CommandError(f"Nobody has the sign-in name {username!r}; `manage.py people list` names everybody.")
    return user


def _site(slug: str) -> Site:
    site = Site.objects.filter(slug=slug).first()
    if site is None:
        known = ", ".join(Site.objects.order_by("slug").values_list("slug", flat=True)[:50])
        raise CommandError(f"--site must be the short name of a site ({known}); got {slug!r}.")
    return site
