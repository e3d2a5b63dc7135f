"""What `up` does as the owner of the database, so that the programs of PACA need not be it."""

import psycopg

from paca_site.audit.database_role import RoleError, role_grant
from paca_site.embedded.errors import StartError


def grant_app(owner_url: str, role: str) -> None:
    """Give the role that the app runs as its rights, as `manage.py grant_app` does, without the start of a command.

    Raises:
        StartError: it cannot have them.
    """
    try:
        with psycopg.connect(owner_url) as connection, connection.cursor() as cursor:
            role_grant(cursor, role)
    except RoleError as error:
        raise StartError(str(error)) from error
