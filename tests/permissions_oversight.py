"""Who may open what of oversight: tests and reviews of decisions, figures, the trail, and what the public reads."""

from collections.abc import Iterator

from tests.permission_row import (
    ABSENT,
    ADMINISTRATOR,
    AUDITOR,
    CAST,
    CONFIGURATION,
    CUSTODIAN,
    DESK,
    SUPERVISOR,
    WATCHERS,
    Row,
)


def oversight_rows() -> Iterator[Row]:
    """Yield all rows of oversight."""
    yield from _stops()
    yield from _ceilings()
    yield from _assessments()
    yield from _models()
    yield from _seeding()
    yield from _reviews()
    yield from _training()
    yield from _necessity()
    yield from _commissioning()
    yield from _leaking()
    yield from _audit()
    yield from _public()
    yield from _serious()


def _seeding() -> Iterator[Row]:
    yield Row("GET", "seeding/", (SUPERVISOR,))
    yield Row("GET", "seeding/mine/", DESK)
    yield Row("POST", "seeding/sites/<int:pk>/plan", (SUPERVISOR,), 302, ABSENT, {"per_shift": "2"})
    yield Row("POST", "seeding/alerts/<int:pk>/choose", (SUPERVISOR,), 302, ABSENT, {"known": ""})
    yield Row("POST", "seeding/clips/<int:pk>/remove", (SUPERVISOR,), 302, ABSENT)
    yield Row("POST", "seeding/clips/<int:pk>/place", (SUPERVISOR,), 302, ABSENT)


def _reviews() -> Iterator[Row]:
    yield Row("GET", "reviews/", DESK)
    yield Row("GET", "reviews/<int:pk>/", WATCHERS, refused=ABSENT)
    yield Row("POST", "reviews/<int:pk>/give", WATCHERS, 302, ABSENT, {"verdict": "confirm"})
    yield Row("POST", "reviews/<int:pk>/settle", (SUPERVISOR,), 422, ABSENT, {"note": ""})
    yield Row("GET", "deciding/", (SUPERVISOR, AUDITOR))
    yield Row("GET", "deciding/mine/", DESK)
    yield Row("GET", "benefit/", CONFIGURATION)
    yield Row("GET", "benefit/export", CONFIGURATION)
    yield Row("GET", "fairness/", CONFIGURATION)
    yield Row("GET", "fairness/sites/<int:pk>/facts", (ADMINISTRATOR,), refused=ABSENT)
    yield Row("POST", "fairness/sites/<int:pk>/facts", (ADMINISTRATOR,), 422, ABSENT, {"source": ""})


def _training() -> Iterator[Row]:
    yield Row("GET", "training/", DESK)
    yield Row("GET", "training/pages/<int:chapter>/", DESK)
    yield Row("GET", "training/cases/", DESK)
    yield Row("GET", "training/quiz/", DESK)
    yield Row("POST", "training/quiz/", DESK, 422, data={"sheet": ""})
    yield Row("GET", "training/certificates/", (SUPERVISOR, AUDITOR))
    yield Row("GET", "training/people/<int:pk>/grant/", (SUPERVISOR,), refused=ABSENT)
    yield Row("POST", "training/people/<int:pk>/grant/", (SUPERVISOR,), 422, ABSENT, {"course": ""})
    yield Row("POST", "training/certificates/<int:pk>/withdraw/", (SUPERVISOR,), 422, ABSENT, {"reason": ""})


def _necessity() -> Iterator[Row]:
    yield Row("GET", "necessity/", CONFIGURATION)
    yield Row("POST", "necessity/<int:pk>/answer/", (SUPERVISOR,), 422, ABSENT, {"answer": "decline", "reason": ""})


def _leaking() -> Iterator[Row]:
    yield Row("GET", "drift/", CONFIGURATION)
    yield Row("GET", "leaks/", (*DESK, ADMINISTRATOR, AUDITOR))
    yield Row("GET", "leaks/<int:pk>/", (*WATCHERS, ADMINISTRATOR, AUDITOR), refused=ABSENT)
    yield Row("POST", "leaks/suspensions/<int:pk>/lift", (SUPERVISOR,), 422, ABSENT, {"reason": ""})


def _commissioning() -> Iterator[Row]:
    signer = (SUPERVISOR,)
    yield Row("GET", "commissioning/", (*DESK, ADMINISTRATOR, AUDITOR))
    yield Row("GET", "commissioning/cameras/<int:pk>/", signer, refused=ABSENT)
    yield Row("POST", "commissioning/cameras/<int:pk>/", signer, 422, ABSENT, {"walkers": "0"})
    yield Row("GET", "commissioning/<int:pk>/", (*WATCHERS, ADMINISTRATOR, AUDITOR), refused=ABSENT)
    yield Row("POST", "commissioning/<int:pk>/end", signer, 422, ABSENT)
    yield Row("POST", "commissioning/<int:pk>/abandon", signer, 302, ABSENT)
    yield Row("POST", "commissioning/<int:pk>/sign", signer, 422, ABSENT, {"verdict": "go", "reason": ""})
    yield Row("GET", "commissioning/stills/<int:pk>/", WATCHERS, refused=ABSENT)
    yield Row("POST", "commissioning/stills/<int:pk>/", WATCHERS, 422, ABSENT, {"visible": ""})
    yield Row("GET", "commissioning/stills/<int:pk>/picture", WATCHERS, refused=ABSENT)


def _audit() -> Iterator[Row]:
    yield Row("GET", "technical-file/", (SUPERVISOR, AUDITOR))
    yield Row("POST", "technical-file/download", (SUPERVISOR, AUDITOR))
    yield Row("GET", "audit/", (AUDITOR,))
    yield Row("GET", "audit/export", (AUDITOR,), 302)  # asks first for a fresh proof
    yield Row("POST", "audit/export", (AUDITOR,), 302, data={"reason": ""})
    yield Row("POST", "audit/verify", (AUDITOR,), 302)
    yield Row("GET", "audit/<int:number>/", (AUDITOR,))
    yield Row("GET", "watched/", (SUPERVISOR, AUDITOR))
    yield Row("POST", "watched/export", (SUPERVISOR, AUDITOR), 422, data={"reason": ""})


def _public() -> Iterator[Row]:
    yield Row("GET", "transparency/", CAST)
    yield Row("GET", "transparency/paca-seg.md", CAST)
    yield Row("GET", "transparency/paca-detect.md", CAST)
    yield Row("GET", "redress/", CAST)
    yield Row("POST", "redress/", CAST, 422)
    yield Row("GET", "redress/answer/", CAST)
    yield Row("POST", "redress/answer/", CAST, 422)
    yield Row("GET", "redress/complaints/", (SUPERVISOR, AUDITOR))
    yield Row("GET", "redress/complaints/<int:pk>/", (SUPERVISOR, AUDITOR), refused=ABSENT)
    yield Row("POST", "redress/complaints/<int:pk>/findings/", (SUPERVISOR,), 302, ABSENT, {"note": "Looked at."})
    yield Row("POST", "redress/complaints/<int:pk>/answer/", (SUPERVISOR,), 422, ABSENT)


def _serious() -> Iterator[Row]:
    writes = (SUPERVISOR, ADMINISTRATOR)
    yield Row("GET", "serious/", CONFIGURATION)
    yield Row("GET", "serious/add/", writes)
    yield Row("POST", "serious/add/", writes, 422, data={"headline": ""})
    yield Row("GET", "serious/<int:pk>/", CONFIGURATION, refused=ABSENT)
    yield Row("POST", "serious/<int:pk>/entry/", writes, 422, ABSENT, {"text": ""})
    yield Row("POST", "serious/<int:pk>/told/", writes, 422, ABSENT, {"text": ""})
    yield Row("POST", "serious/<int:pk>/close/", writes, 422, ABSENT, {"lessons": ""})


def _ceilings() -> Iterator[Row]:
    sets = (ADMINISTRATOR,)  # who answers for every site with cameras
    yield Row("GET", "ceilings/", (SUPERVISOR, ADMINISTRATOR, CUSTODIAN, AUDITOR))
    yield Row("GET", "ceilings/add/", sets)
    yield Row("POST", "ceilings/add/", sets, 422)
    yield Row("GET", "ceilings/<int:pk>/", sets, refused=ABSENT)
    yield Row("POST", "ceilings/<int:pk>/", sets, 422, ABSENT)
    yield Row("POST", "ceilings/<int:pk>/remove", sets, 302, ABSENT)


def _stops() -> Iterator[Row]:
    yield Row("GET", "stop/", (*DESK, ADMINISTRATOR, AUDITOR))
    yield Row("GET", "stop/add/", DESK)
    yield Row("POST", "stop/add/", DESK, 422)
    yield Row("POST", "stop/<int:pk>/end/", (SUPERVISOR,), 302, ABSENT, {"reason": "The works are over."})


def _assessments() -> Iterator[Row]:
    answers, signs = (ADMINISTRATOR,), (SUPERVISOR,)
    yield Row("GET", "assessments/", CONFIGURATION)
    yield Row("POST", "assessments/sites/<int:pk>/<slug:slug>/start", answers, 302, ABSENT)
    yield Row("GET", "assessments/<int:pk>/", CONFIGURATION, refused=ABSENT)
    yield Row("GET", "assessments/<int:pk>/answer", answers, refused=ABSENT)
    yield Row("POST", "assessments/<int:pk>/answer", answers, 422, ABSENT, {"legal-basis-text": "short"})
    yield Row("POST", "assessments/<int:pk>/submit", answers, 422, ABSENT)
    yield Row("POST", "assessments/<int:pk>/return", signs, 422, ABSENT, {"reason": ""})
    yield Row("POST", "assessments/<int:pk>/sign", signs, 422, ABSENT, {"read": ""})


def _models() -> Iterator[Row]:
    yield Row("GET", "models/", CONFIGURATION)
    yield Row("POST", "models/activate", (ADMINISTRATOR,), 422, data={"release": ""})
    yield Row("GET", "models/<int:pk>/", CONFIGURATION, refused=ABSENT)
    yield Row("POST", "models/<int:pk>/approve", (SUPERVISOR,), 422, ABSENT, {"reason": ""})
