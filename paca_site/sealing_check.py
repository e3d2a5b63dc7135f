"""System check: the key that sealed the database's secrets is the one that is here.

Without it a start after a restored backup, or on a second machine, would make a fresh key and seal new secrets with it.
"""

from collections.abc import Sequence
from typing import Any, Final

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connection

from paca_site.sealing import SEALED, SealingError, open_text

TABLE, PURPOSE = "cameras_camera", "cameras.camera.address"
ANY: Final = f"SELECT address FROM {TABLE} WHERE address LIKE %s ORDER BY id LIMIT 1"  # noqa: S608 - a name of ours


@register(Tags.database)
def check_secrets_key(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Refuse a key that does not open what is sealed; asked by `migrate` and with `--database default` only."""
    if not databases:
        return []
    with connection.cursor() as cursor:
        if TABLE not in connection.introspection.table_names(cursor):
            return []  # a database that is about to be made
        cursor.execute(ANY, [f"{SEALED}%"])
        row = cursor.fetchone()
    if row is None:
        return []
    if not settings.SECRETS_KEY.exists():
        return [_error(f"Secrets of the database are sealed, and their key {settings.SECRETS_KEY} is not here.")]
    try:
        open_text(row[0], PURPOSE)
    except SealingError as error:
        return [_error(str(error))]
    return []


def _error(text: str) -> CheckMessage:
    hint = "Put the file back, or name it in PACA_SECRETS_KEY; docs/security.md says what is left where it is lost."
    return Error(text, hint=hint, id="paca.E010")
