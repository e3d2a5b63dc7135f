"""System check: what the database role of PACA could do to the trail."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import connection

from paca_site.audit.database_role import role_powers


@register(Tags.database, deploy=True)
def check_trail_role(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Warn where the role that PACA connects as could change the audit trail; asked with `--database default` only."""
    if not databases:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        role = cursor.fetchone()[0]
        powers = role_powers(cursor, role)
    if not powers:
        return []
    return [
        Warning(
            f"The database role {role} could change the audit trail: {'; '.join(powers)}.",
            hint="Give PACA a role of its own with `manage.py grant_app ROLE` (docs/audit.md).",
            id="paca.W002",
        )
    ]
