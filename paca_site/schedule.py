"""What runs by itself, and when: the table that Celery's beat goes by (seconds, or a time of day in UTC)."""

from typing import Final

from celery.schedules import crontab

BEAT_SCHEDULE: Final = {
    "ensure-streams": {"task": "inference.tasks.ensure_streams", "schedule": 1.0, "options": {"expires": 2}},
    "spool-deliver": {"task": "inference.tasks.deliver_spool", "schedule": 10.0, "options": {"expires": 10}},
    "desk-keep-time": {"task": "alerts.tasks.keep_time", "schedule": 2.0, "options": {"expires": 4}},
    "system-check": {"task": "inference.tasks.check_system", "schedule": 2.0, "options": {"expires": 4}},
    "system-sample": {"task": "inference.tasks.sample_system", "schedule": 60.0, "options": {"expires": 50}},
    "clips-missing": {"task": "inference.tasks.ensure_clips", "schedule": 20.0, "options": {"expires": 20}},
    "reviews-draw": {"task": "alerts.reviewing.tasks.draw_reviews", "schedule": 60.0, "options": {"expires": 50}},
    "purge-expired": {"task": "inference.tasks.purge_expired", "schedule": 3600.0, "options": {"expires": 3000}},
    "assessments-note": {
        "task": "cameras.assessing.tasks.note_changes",
        "schedule": 60.0,
        "options": {"expires": 50},
    },
    "modality-finish": {"task": "alerts.tasks.finish_modality_changes", "schedule": 15.0, "options": {"expires": 14}},
    "commissioning-sample": {"task": "inference.tasks.sample_walks", "schedule": 15.0, "options": {"expires": 14}},
    "archive-move": {"task": "cameras.archive.tasks.move_recordings", "schedule": 10.0, "options": {"expires": 9}},
    "archive-tidy": {"task": "cameras.archive.tasks.tidy_archive", "schedule": crontab(minute="37")},
    "sessions-end": {"task": "paca_site.accounts.tasks.end_sessions", "schedule": 60.0, "options": {"expires": 50}},
    "warrants-lapse": {"task": "cameras.warrants.tasks.lapse_releases", "schedule": 60.0, "options": {"expires": 50}},
    "months-count": {
        "task": "paca_site.oversight.monthly.tasks.count_months",
        "schedule": 60.0,
        "options": {"expires": 50},
    },
    "serious-overdue": {
        "task": "paca_site.oversight.serious.tasks.tell_overdue",
        "schedule": 60.0,
        "options": {"expires": 50},
    },
    "audit-checkpoint": {
        "task": "paca_site.audit.tasks.write_checkpoint",
        "schedule": 300.0,
        "options": {"expires": 240},
    },
    "camera-days-note": {
        "task": "paca_site.oversight.benefit.tasks.note_camera_days",
        "schedule": crontab(minute="53"),
    },
    "necessity-propose": {
        "task": "alerts.necessity.tasks.propose_switch_offs",
        "schedule": crontab(hour="4", minute="7"),
    },
    "invitations-tidy": {
        "task": "cameras.inviting.tasks.tidy_invitations",
        "schedule": crontab(minute="29"),
    },
    "drift-measure": {
        "task": "inference.drifting.tasks.measure_drift",
        "schedule": crontab(hour="4", minute="27"),
    },
    "complaints-purge": {
        "task": "paca_site.oversight.redress.tasks.purge_complaints",
        "schedule": crontab(hour="2", minute="41"),
    },
    "audit-verify": {"task": "paca_site.audit.tasks.verify_trail", "schedule": crontab(hour="3", minute="17")},
}
