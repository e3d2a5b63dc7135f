"""Give the application's database role its rights: all it needs, and on the audit trail reading and appending only."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction

from paca_site.audit.database_role import RoleError, role_grant


class Command(BaseCommand):
    """Run as the owner of the tables, once, and again after an upgrade."""

    help = "Give ROLE what PACA needs in the database; the audit trail it can read and append to, never change."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the role."""
        parser.add_argument("role", help="the role of the application's DATABASE_URL; it must exist")

    def handle(self, *args: Any, **options: Any) -> None:
        """Grant, or say in one line why not."""
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                role_grant(cursor, options["role"])
        except RoleError as error:
            raise CommandError(str(error)) from error
