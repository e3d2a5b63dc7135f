"""Who may open what: one table, walked by tests/test_cast.py and written out as docs/permissions.md.

`python -m tests.permissions` writes the document. No Django here, so that it needs no settings and no services.
"""

from collections.abc import Iterator
from pathlib import Path

from tests.permission_row import (
    ABSENT,
    ADMINISTRATOR,
    ANONYMOUS,
    AUDITOR,
    CAST,
    CONFIGURATION,
    CUSTODIAN,
    DESK,
    ELSEWHERE,
    FORBIDDEN,
    OPERATOR,
    SUPERVISOR,
    UNREADABLE,
    UNSIGNED,
    WATCHERS,
    Row,
)
from tests.permissions_account import account_rows
from tests.permissions_oversight import oversight_rows

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "permissions.md"


def _alerts() -> Iterator[Row]:
    yield Row("GET", "alerts/", DESK)
    yield Row("GET", "alerts/rows", DESK)
    yield Row("POST", "alerts/decisions/export", (SUPERVISOR, AUDITOR), 422, data={"reason": ""})
    yield Row("GET", "alerts/decisions/", (SUPERVISOR, AUDITOR))
    yield Row("GET", "alerts/decisions/<int:pk>/", (SUPERVISOR,), refused=ABSENT)
    yield Row("GET", "alerts/<int:pk>/", WATCHERS, refused=ABSENT)
    yield Row("POST", "alerts/<int:pk>/decide", WATCHERS, 302, ABSENT, {"verdict": "confirm"})
    yield Row("GET", "alerts/incidents/<int:pk>/", WATCHERS, refused=ABSENT)
    yield Row("POST", "alerts/incidents/<int:pk>/dismiss", WATCHERS, 422, ABSENT, {"note": ""})
    yield Row("POST", "alerts/<int:pk>/shelve", WATCHERS, 302, ABSENT)
    yield Row("GET", "alerts/shelved/", DESK)
    yield Row("POST", "alerts/shelved/maintenance", (SUPERVISOR,), 422, data={"minutes": "60"})
    yield Row("POST", "alerts/shelved/<int:pk>/end", WATCHERS, 302, ABSENT, {"now": "1"})
    yield Row("GET", "alerts/shift/", DESK)
    yield Row("POST", "alerts/shift/start", DESK, 302)
    yield Row("POST", "alerts/shift/break", DESK, 302)
    yield Row("POST", "alerts/shift/end", DESK, 302)
    yield Row("GET", "alerts/shift/<int:pk>/", WATCHERS, refused=ABSENT)
    yield Row("POST", "alerts/shift/<int:pk>/accept", WATCHERS, 302, ABSENT)
    yield Row("GET", "alerts/to-log/", DESK)
    yield Row("POST", "alerts/<int:pk>/claim", WATCHERS, 302, ABSENT)
    yield Row("POST", "alerts/<int:pk>/release", WATCHERS, 302, ABSENT)
    yield Row("GET", "alerts/<int:pk>/decision", WATCHERS, refused=ABSENT)
    yield Row("POST", "alerts/<int:pk>/undo", WATCHERS, 302, ABSENT)
    yield Row("POST", "alerts/<int:pk>/actions", WATCHERS, 422, ABSENT, {"measures": "none"})
    yield Row("POST", "alerts/<int:pk>/watched", WATCHERS, 302, ABSENT, {"view": "a-token", "watched_s": "3"})
    yield Row("GET", "alerts/<int:pk>/live", WATCHERS, refused=ABSENT)
    yield Row("GET", "alerts/<int:pk>/clip-state", WATCHERS, refused=ABSENT)
    yield Row("GET", "alerts/<int:pk>/clip.mp4", WATCHERS, refused=ABSENT)
    yield Row("GET", "alerts/<int:pk>/poster.jpg", WATCHERS, refused=ABSENT)
    yield Row("GET", "alerts/<int:pk>/export", (SUPERVISOR,), 302, ABSENT)  # asks first for a fresh proof
    yield Row("POST", "alerts/<int:pk>/export", (SUPERVISOR,), 302, ABSENT, {"reason": ""})


def _cameras() -> Iterator[Row]:
    writer = (ADMINISTRATOR,)
    yield Row("GET", "cameras/", CONFIGURATION)
    yield Row("GET", "cameras/wall/", DESK)
    yield Row("GET", "cameras/wall/alerts", DESK)
    yield Row("GET", "cameras/add", writer)
    yield Row("POST", "cameras/add", writer, 422, data={"name": ""})
    yield Row("POST", "cameras/test", writer, data={"address": ""})
    yield Row("GET", "cameras/test/<str:token>", writer)
    yield Row("GET", "cameras/plan", writer)
    yield Row("GET", "cameras/keeping", writer)
    yield Row("GET", "cameras/<int:pk>/", (*WATCHERS, ADMINISTRATOR, AUDITOR), refused=ABSENT)
    yield Row("GET", "cameras/<int:pk>/live/", WATCHERS, refused=ABSENT)
    yield Row("GET", "cameras/<int:pk>/live/film", WATCHERS, refused=ABSENT)
    yield Row("GET", "cameras/<int:pk>/live/picture.jpg", WATCHERS, 503, ABSENT)
    yield Row("GET", "cameras/<int:pk>/health", (*WATCHERS, ADMINISTRATOR, AUDITOR), refused=ABSENT)
    yield Row("GET", "cameras/<int:pk>/change", writer, refused=ABSENT)
    yield Row("POST", "cameras/<int:pk>/change", writer, 422, ABSENT, {"name": ""})
    yield Row("GET", "cameras/<int:pk>/masking", writer, refused=ABSENT)
    yield Row("POST", "cameras/<int:pk>/masking", writer, 422, ABSENT, {"zones": "1,2"})
    yield Row("GET", "cameras/<int:pk>/sensitivity", writer, refused=ABSENT)
    yield Row("POST", "cameras/<int:pk>/sensitivity", writer, 422, ABSENT, {"threshold_percent": "4"})
    yield Row("POST", "cameras/<int:pk>/switch", writer, 302, ABSENT, {"running": "0"})
    yield Row("GET", "cameras/retention/", (ADMINISTRATOR, CUSTODIAN, AUDITOR))
    yield Row("GET", "cameras/retention/add", writer)
    yield Row("POST", "cameras/retention/add", writer, 422, data={"name": ""})
    yield Row("GET", "cameras/retention/preview", writer)
    yield Row("GET", "cameras/retention/<int:pk>/change", writer, refused=ABSENT)
    yield Row("POST", "cameras/retention/<int:pk>/change", writer, 422, ABSENT, {"name": ""})
    kept = (SUPERVISOR, ADMINISTRATOR, CUSTODIAN, AUDITOR)
    yield Row("GET", "cameras/holds/", kept)
    yield Row("GET", "cameras/holds/add", (SUPERVISOR, CUSTODIAN))
    yield Row("POST", "cameras/holds/add", (SUPERVISOR, CUSTODIAN), 422, data={"case": ""})
    yield Row("GET", "cameras/holds/<int:pk>/", kept, refused=ABSENT)
    yield Row("POST", "cameras/holds/<int:pk>/end", (CUSTODIAN,), 422, ABSENT, {"reason": ""})
    yield Row("GET", "cameras/kept/", (SUPERVISOR, ADMINISTRATOR, CUSTODIAN, AUDITOR))
    yield Row("GET", "cameras/kept/expiring", (SUPERVISOR, ADMINISTRATOR, CUSTODIAN, AUDITOR))


def _map() -> Iterator[Row]:
    seers, writer = (OPERATOR, SUPERVISOR, ADMINISTRATOR), (ADMINISTRATOR,)
    yield Row("GET", "map/", (*seers, ELSEWHERE), 302)
    yield Row("GET", "map/<int:pk>/", seers, refused=ABSENT)
    yield Row("GET", "map/<int:pk>/live", seers, refused=ABSENT)
    yield Row("GET", "map/<int:pk>/plan/", writer, refused=ABSENT)
    yield Row("GET", "map/<int:pk>/plan/picture", seers, refused=ABSENT)
    yield Row("POST", "map/<int:pk>/plan/store", writer, 422, ABSENT, {"picture": ""})
    yield Row("POST", "map/<int:pk>/plan/place", writer, 422, ABSENT, {"way": "points"})
    yield Row("POST", "map/<int:pk>/plan/remove", writer, 302, ABSENT)


def _authorisations() -> Iterator[Row]:
    drafts, signs = (ADMINISTRATOR,), (SUPERVISOR,)
    yield Row("GET", "authorisations/", CONFIGURATION)
    yield Row("GET", "authorisations/add/", drafts)
    yield Row("POST", "authorisations/add/", drafts, 422)
    yield Row("GET", "authorisations/<int:pk>/", CONFIGURATION, refused=ABSENT)
    yield Row("GET", "authorisations/<int:pk>/change/", drafts, refused=ABSENT)
    yield Row("POST", "authorisations/<int:pk>/change/", drafts, 422, ABSENT)
    yield Row("POST", "authorisations/<int:pk>/sign/", signs, 422, ABSENT)
    yield Row("POST", "authorisations/<int:pk>/withdraw/", signs, 422, ABSENT, {"reason": ""})


def _sharing() -> Iterator[Row]:
    yield Row("GET", "load/", (SUPERVISOR,))
    yield Row("GET", "load/callers/", (SUPERVISOR,))
    yield Row("GET", "load/mine", DESK)
    yield Row("POST", "load/incidents/<int:pk>/offer", (SUPERVISOR,), 302, ABSENT, {"to": ""})
    yield Row("POST", "load/<int:pk>/withdraw", (SUPERVISOR,), 302, ABSENT)
    yield Row("POST", "load/<int:pk>/answer", (OPERATOR,), 302, ABSENT, {"answer": "accept"})


def _custody() -> Iterator[Row]:
    yield Row("GET", "custody/", (SUPERVISOR, ADMINISTRATOR, CUSTODIAN, AUDITOR))
    # a fresh proof of who they are comes first, also of the custodian (tests/cameras/custody/test_key_pages.py)
    yield Row("GET", "custody/add", (CUSTODIAN,), 302)
    yield Row("POST", "custody/add", (CUSTODIAN,), 302, data={"public_key": ""})
    yield Row("POST", "custody/retire", (CUSTODIAN,), 302, data={"reason": ""})
    yield Row("GET", "custody/records", (CUSTODIAN, AUDITOR), 302)  # asks first for a fresh proof
    yield Row("POST", "custody/records", (CUSTODIAN, AUDITOR), 302, data={"reason": ""})


def _warrants() -> Iterator[Row]:
    sees = (SUPERVISOR, ADMINISTRATOR, CUSTODIAN, AUDITOR)
    yield Row("GET", "warrants/", sees)
    yield Row("GET", "warrants/add", (SUPERVISOR, ADMINISTRATOR))
    yield Row("POST", "warrants/add", (SUPERVISOR, ADMINISTRATOR), 422, data={"reference": ""})
    yield Row("GET", "warrants/<int:pk>/", sees, refused=ABSENT)
    yield Row("GET", "warrants/<int:pk>/order", sees, refused=ABSENT)
    yield Row("POST", "warrants/<int:pk>/confirm", (SUPERVISOR,), 422, ABSENT, {"reference": ""})
    yield Row("POST", "warrants/<int:pk>/refuse", (SUPERVISOR,), 422, ABSENT, {"reason": ""})
    # not before it is confirmed, nor without a fresh proof: the way to the one or the other
    yield Row("GET", "warrants/<int:pk>/decide", (CUSTODIAN,), 302, ABSENT)
    yield Row("POST", "warrants/<int:pk>/decide", (CUSTODIAN,), 302, ABSENT, {"verdict": "refuse"})
    yield Row("POST", "warrants/<int:pk>/withdraw", (SUPERVISOR, ADMINISTRATOR), 422, ABSENT, {"reason": ""})


def _released() -> Iterator[Row]:
    # nobody but the viewer that an open release names; tests/cameras/warrants/test_viewer.py is that person
    yield Row("GET", "warrants/<int:pk>/view", (), refused=ABSENT)
    yield Row("POST", "warrants/<int:pk>/unlock", (), refused=ABSENT)
    yield Row("POST", "warrants/<int:pk>/watch", (), refused=ABSENT)
    yield Row("GET", "warrants/<int:pk>/viewings/<int:viewing>.mp4", (), refused=ABSENT)
    # and only where the custodian allowed it: tests/cameras/exporting/test_exporting.py
    yield Row("GET", "warrants/<int:pk>/export", (), refused=ABSENT)
    yield Row("POST", "warrants/<int:pk>/export", (), refused=ABSENT)
    sees = (SUPERVISOR, ADMINISTRATOR, CUSTODIAN)
    yield Row("POST", "warrants/<int:pk>/end", sees, 302, ABSENT, {})


def _playback() -> Iterator[Row]:
    yield Row("GET", "playback/<int:pk>/", WATCHERS, refused=ABSENT)
    yield Row("POST", "playback/<int:pk>/closed", WATCHERS, UNREADABLE, ABSENT, {"opening": ""})
    yield Row("POST", "playback/<int:pk>/reason", WATCHERS, 422, ABSENT, {"reason": ""})
    # without an opening that was recorded: the way to the page that records one
    yield Row("GET", "playback/<int:pk>/<int:segment>.mp4", WATCHERS, 302, ABSENT)


def _system() -> Iterator[Row]:
    yield Row("GET", "metrics", CAST, ABSENT)  # a token opens it, whoever holds it; without one set there is none
    yield Row("GET", "system/", (SUPERVISOR, ADMINISTRATOR))
    yield Row("GET", "system/alerts/", (*DESK, ADMINISTRATOR))
    yield Row("GET", "system/alerts/rows", (*DESK, ADMINISTRATOR))
    yield Row("GET", "system/alerts/<int:pk>/", (*WATCHERS, ADMINISTRATOR), refused=ABSENT)
    yield Row("POST", "system/alerts/<int:pk>/acknowledge", (*WATCHERS, ADMINISTRATOR), 302, ABSENT, {"note": "seen"})


def _boxes() -> Iterator[Row]:
    writer = (ADMINISTRATOR,)
    yield Row("GET", "modality/<int:pk>/", writer, refused=ABSENT)
    yield Row("POST", "modality/<int:pk>/ask", writer, 302, ABSENT, {"after": "edge"})
    yield Row("POST", "modality/<int:pk>/give-up", writer, 422, ABSENT)
    yield Row("GET", "boxes/", CONFIGURATION)
    yield Row("GET", "boxes/add/", writer)
    yield Row("POST", "boxes/add/", writer, 422)
    yield Row("GET", "boxes/<int:pk>/", CONFIGURATION, refused=ABSENT)
    yield Row("POST", "boxes/<int:pk>/code/", writer, refused=ABSENT)
    yield Row("POST", "boxes/<int:pk>/cameras/", writer, 302, ABSENT)
    yield Row("POST", "boxes/<int:pk>/revoke/", writer, 422, ABSENT, {"reason": ""})
    yield Row("POST", "boxes/<int:pk>/challenge/", (AUDITOR,), 302, ABSENT)
    # what boxes call: a signature opens it, and nobody's session (tests/inference/receiving)
    yield Row("POST", "box/enrol", CAST, UNREADABLE)
    yield Row("GET", "box/config", CAST, UNSIGNED)
    for address in ("report", "cameras/<int:camera>/event", "cameras/<int:camera>/frame", "attest", "answer", "key"):
        yield Row("POST", f"box/{address}", CAST, UNSIGNED)


ROWS = (
    *oversight_rows(),
    *account_rows(),
    *_alerts(),
    *_cameras(),
    *_authorisations(),
    *_custody(),
    *_warrants(),
    *_released(),
    *_map(),
    *_sharing(),
    *_playback(),
    *_system(),
    *_boxes(),
)
SOCKETS = {"ws/alerts/": (*DESK, ADMINISTRATOR), "ws/live/": DESK}

HEAD = """# Who may open what

Written by `python -m tests.permissions` from the table that `tests/test_cast.py` walks with every request; do not edit.

`yes`: opens it, within their sites (of a list, the rows of their sites) · `sign in`: sent to the door ·
`no`: 403, the page says whose it is · `absent`: 404, the same as for what does not exist · `-`: nothing to do there ·
`boxes only`: a camera box signs each request; without its signature 401.
Camera, alert and footage belong to a site at which everybody but the operator of another site works. Every other
address is 404, every other method 405. What is refused writes nothing; what is opened with GET writes at most
an audit entry.
"""
_WHY_NOT = {ABSENT: "absent", UNSIGNED: "boxes only", UNREADABLE: "boxes only"}
_WORDS = {302: "-", FORBIDDEN: "no", ABSENT: "absent"}


def _cell(row: Row, member: str) -> str:
    if member in row.may:
        return _WHY_NOT.get(row.answer, "yes")
    return "sign in" if member == ANONYMOUS else _WORDS[row.refused]


def document() -> str:
    """Return docs/permissions.md."""
    head = ["address", "method", *CAST]
    lines = [HEAD, f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    for row in ROWS:
        cells = [f"`/{row.pattern}`", row.method, *(_cell(row, member) for member in CAST)]
        lines.append(f"| {' | '.join(cells)} |")
    for path, may in SOCKETS.items():
        cells = [f"`/{path}`", "WebSocket", *("yes" if member in may else "no" for member in CAST)]
        lines.append(f"| {' | '.join(cells)} |")
    lines.append(
        "\nA WebSocket opens from the site's own pages only (Origin); what it tells is narrowed to the sites again."
    )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    DOCUMENT.write_text(document())
