"""The database role that the application connects as: it may append to the trail and read it, and nothing else there.

Triggers refuse a change to everybody, but whoever owns the table can switch them off. A role that owns nothing and has
no such right is refused by PostgreSQL itself, whatever an error in PACA lets somebody send.
"""

from typing import Any, Protocol

from paca_site.audit.models import AuditEntry
from paca_site.audit.services import APPEND_FUNCTION

TABLE = AuditEntry._meta.db_table

_POWERS = """
SELECT role.rolsuper, pg_has_role(role.oid, tab.relowner, 'MEMBER'), pg_has_role(role.oid, space.nspowner, 'MEMBER'),
    ARRAY(SELECT power FROM unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER']) AS power
        WHERE has_table_privilege(role.oid, tab.oid, power)),
    has_any_column_privilege(role.oid, tab.oid, 'UPDATE')
FROM pg_roles role, pg_class tab JOIN pg_namespace space ON space.oid = tab.relnamespace
WHERE role.rolname = %s AND tab.oid = %s::regclass
"""


class Cursor(Protocol):
    """What Django's cursor and psycopg's have in common."""

    def execute(self, query: Any, params: Any = None, /) -> Any:
        """Send a statement."""

    def fetchone(self) -> Any:
        """Return a row, or None."""


class RoleError(Exception):
    """A role cannot be what the application connects as; the text says why and what to do."""


def role_powers(cursor: Cursor, role: str) -> list[str] | None:
    """Return by what right a role could go around the trail's rules, in words; empty is well, None is no such role."""
    cursor.execute(_POWERS, [role, TABLE])
    row = cursor.fetchone()
    if row is None:
        return None
    is_superuser, owns_table, owns_schema, rights, may_update = row
    if is_superuser:
        return ["it is a superuser"]
    found = ["it is, or may become, the owner of the table"] if owns_table else []
    found += ["it is, or may become, the owner of the schema"] if owns_schema else []
    rights += ["UPDATE of columns"] if may_update and "UPDATE" not in rights else []
    return [*found, *([f"it has {', '.join(rights)} on the table"] if rights else [])]


def role_grant(cursor: Cursor, role: str) -> None:
    """Give a role what the application needs, also on tables of later migrations; on the trail, reading and appending.

    Args:
        cursor: of a connection as the owner of the tables, in a transaction that is taken back where this raises.
        role: what the application connects as.

    Raises:
        RoleError: there is no such role, the cursor's may not grant, or the role could change the trail all the same.
    """
    cursor.execute(
        "SELECT current_user, pg_has_role(relowner, 'USAGE'), quote_ident(%s), quote_ident(current_schema())"
        " FROM pg_class WHERE oid = %s::regclass",
        [role, TABLE],
    )
    owner, is_owner, name, schema = cursor.fetchone()
    if role_powers(cursor, role) is None:
        raise RoleError(f"There is no database role {role}: CREATE ROLE {name} LOGIN PASSWORD '...' makes one.")
    if not is_owner:
        raise RoleError(f"{owner} does not own the tables and cannot grant: connect as their owner.")
    for statement in (
        f"GRANT USAGE ON SCHEMA {schema} TO {name}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {name}",
        f"GRANT SELECT, USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {name}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {name}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT SELECT, USAGE ON SEQUENCES TO {name}",
        f"REVOKE ALL ON {TABLE} FROM {name}, PUBLIC",
        f"GRANT SELECT ON {TABLE} TO {name}",
        f"GRANT EXECUTE ON FUNCTION {APPEND_FUNCTION} TO {name}",
    ):
        cursor.execute(statement)
    if powers := role_powers(cursor, role):
        raise RoleError(f"{role} could change the audit trail: {'; '.join(powers)}. Choose or make another role.")
