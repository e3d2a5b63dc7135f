"""What a deployer decides about the line, the desk and oversight: PACA's own settings, each a row in docs/settings.md.

`paca_site.settings` takes every name in capitals from here; what Django and its libraries want stands there.
"""

import re

from django.core.exceptions import ImproperlyConfigured

from paca_site.env import env_bool, env_int, env_str
from paca_site.identity_provider import identity_provider
from paca_site.mail import mail_address, mail_server

# --- the line --------------------------------------------------------------------------------------------------------
STREAM_TURN_S = env_int("PACA_STREAM_TURN_S", 600, low=10, high=3600)
CLIP_PRE_ROLL_S = env_int("PACA_CLIP_PRE_ROLL_S", 8, low=0, high=60)
CLIP_POST_ROLL_S = env_int("PACA_CLIP_POST_ROLL_S", 6, low=0, high=60)

# Camera boxes (docs/edge.md): how long a box may go by what it was last told, and how long attestations are kept.
BOX_POLICY_HOURS = env_int("PACA_BOX_POLICY_HOURS", 24, low=1, high=168)
BOX_ATTESTATION_DAYS = env_int("PACA_BOX_ATTESTATION_DAYS", 365, low=30, high=3650)

# Where nginx serves masked files from after our permission check (docs/operations.md); empty: we send them ourselves.
ACCEL_LOCATION = env_str("PACA_ACCEL_LOCATION", "").strip()
if ACCEL_LOCATION and not re.fullmatch(r"/(?:[A-Za-z0-9_-]+/)+", ACCEL_LOCATION):
    raise ImproperlyConfigured(
        "PACA_ACCEL_LOCATION must be an internal location of nginx that begins and ends with a slash, such as "
        f"/masked-files/; got {ACCEL_LOCATION!r}."
    )

# Masked recordings in S3-compatible storage (docs/operations.md); keys as boto3 finds them (AWS_ACCESS_KEY_ID, ...).
ARCHIVE_BUCKET = env_str("PACA_ARCHIVE_BUCKET", "").strip()
ARCHIVE_ENDPOINT = env_str("PACA_ARCHIVE_ENDPOINT", "").strip()
ARCHIVE_REGION = env_str("PACA_ARCHIVE_REGION", "").strip()
ARCHIVE_PREFIX = env_str("PACA_ARCHIVE_PREFIX", "paca").strip("/ ")
ARCHIVE_LOCAL_HOURS = env_int("PACA_ARCHIVE_LOCAL_HOURS", 24, low=1, high=8760)

# --- signing in ------------------------------------------------------------------------------------------------------
# Without touching anything: people who look at walls (operators), and everybody else; and in all, whoever it is.
SESSION_IDLE_DESK_MIN = env_int("PACA_SESSION_IDLE_DESK_MIN", 120, low=5, high=720)
SESSION_IDLE_MIN = env_int("PACA_SESSION_IDLE_MIN", 30, low=5, high=720)
SESSION_COOKIE_AGE = env_int("PACA_SESSION_HOURS", 12, low=1, high=24) * 3600

# An invitation's link opens so long. E-mail: where invitations are sent through; empty: the link is shown once.
INVITATION_HOURS = env_int("PACA_INVITATION_HOURS", 72, low=1, high=336)
EMAIL_HOST, EMAIL_PORT, EMAIL_HOST_USER, EMAIL_HOST_PASSWORD, EMAIL_USE_SSL, EMAIL_USE_TLS = mail_server(
    "PACA_EMAIL_URL"
)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = mail_address("PACA_EMAIL_FROM", is_needed=bool(EMAIL_HOST))

# People may sign in through this OpenID Connect provider (docs/running.md); empty: there is none.
OIDC = identity_provider()

# --- the desk --------------------------------------------------------------------------------------------------------
HISTORY_REASON_HOURS = env_int("PACA_HISTORY_REASON_HOURS", 24, low=0, high=8760)
CLAIM_S = env_int("PACA_CLAIM_S", 120, low=20, high=3600)
ACKNOWLEDGE_S = {  # by severity: 3 is high
    3: env_int("PACA_ACKNOWLEDGE_HIGH_S", 30, low=5, high=86400),
    2: env_int("PACA_ACKNOWLEDGE_MEDIUM_S", 90, low=5, high=86400),
    1: env_int("PACA_ACKNOWLEDGE_LOW_S", 300, low=5, high=86400),
}
DECIDE_S = {
    3: env_int("PACA_DECIDE_HIGH_S", 180, low=5, high=86400),
    2: env_int("PACA_DECIDE_MEDIUM_S", 600, low=5, high=86400),
    1: env_int("PACA_DECIDE_LOW_S", 1800, low=5, high=86400),
}
BREAK_AFTER_MIN = env_int("PACA_BREAK_AFTER_MIN", 120, low=0, high=480)
CALL_SUPERVISOR_S = env_int("PACA_CALL_SUPERVISOR_S", 60, low=5, high=86400)
INCIDENT_S = env_int("PACA_INCIDENT_S", 60, low=0, high=3600)
INCIDENT_M = env_int("PACA_INCIDENT_M", 60, low=0, high=5000)
SHELVE_MAX_MIN = env_int("PACA_SHELVE_MAX_MIN", 480, low=15, high=1440)
MAINTENANCE_MAX_MIN = env_int("PACA_MAINTENANCE_MAX_MIN", 1440, low=15, high=10080)
FLOOD_ALERTS = env_int("PACA_FLOOD_ALERTS", 10, low=2, high=1000)
CLIP_FIRST_SEVERITY = env_int("PACA_CLIP_FIRST_SEVERITY", 3, low=1, high=4)
CLIP_FIRST_PERCENT = env_int("PACA_CLIP_FIRST_PERCENT", 0, low=0, high=100)
CLIP_FIRST_S = env_int("PACA_CLIP_FIRST_S", 3, low=1, high=60)

# Second reviews (docs/oversight.md): the share of decided alerts that is drawn by chance, in percent.
REVIEW_PERCENT = env_int("PACA_REVIEW_PERCENT", 5, low=0, high=100)

# What a busy core takes with its share of the machine, for the estimate of energy (docs/oversight.md).
CORE_WATTS = env_int("PACA_CORE_WATTS", 10, low=1, high=200)

# A camera that runs may go on so long after a change, until its assessment is signed again (docs/assessments.md).
ASSESSMENT_GRACE_DAYS = env_int("PACA_ASSESSMENT_GRACE_DAYS", 14, low=0, high=90)

# A release under a warrant that nobody decides within so many days lapses (docs/releases.md).
RELEASE_DECIDE_DAYS = env_int("PACA_RELEASE_DECIDE_DAYS", 14, low=1, high=90)
# An approved one is open to its viewer for so many hours at most; the database allows no more than 72.
RELEASE_VIEW_HOURS = env_int("PACA_RELEASE_VIEW_HOURS", 24, low=1, high=72)

# Cameras that ran before authorisations were asked for may go on so long; a review may be late as long.
AUTHORISATION_GRACE_DAYS = env_int("PACA_AUTHORISATION_GRACE_DAYS", 30, low=0, high=90)

# Who decides alerts has a certificate of training (docs/training.md): people who were here before have so long to get
# one, and one of the built-in course counts so long.
TRAINING_GRACE_DAYS = env_int("PACA_TRAINING_GRACE_DAYS", 30, low=0, high=90)
TRAINING_DAYS = env_int("PACA_TRAINING_DAYS", 365, low=30, high=1095)

# The necessity clock (docs/authorisations.md): so many days are looked at, from so many decided alerts on; a camera or
# a kind of event whose share of confirmed alerts surely lies below so many percent proposes its own switch-off.
NECESSITY_DAYS = env_int("PACA_NECESSITY_DAYS", 90, low=7, high=730)
NECESSITY_ALERTS = env_int("PACA_NECESSITY_ALERTS", 50, low=10, high=10000)
NECESSITY_PERCENT = env_int("PACA_NECESSITY_PERCENT", 10, low=1, high=50)

# Commissioning (docs/commissioning.md): whether no camera runs without a go, how long one may stay open, how many
# stills are labelled, and the bounds beside which the figures stand.
COMMISSION_REQUIRED = env_bool("PACA_COMMISSION_REQUIRED", default=False)
COMMISSION_DAYS = env_int("PACA_COMMISSION_DAYS", 7, low=1, high=13)
COMMISSION_STILLS = env_int("PACA_COMMISSION_STILLS", 120, low=20, high=600)
COMMISSION_RECALL_PERCENT = env_int("PACA_COMMISSION_RECALL_PERCENT", 97, low=50, high=100)
COMMISSION_LEAKS_PER_HOUR = env_int("PACA_COMMISSION_LEAKS_PER_HOUR", 10, low=0, high=3600)
COMMISSION_FALSE_PER_DAY = env_int("PACA_COMMISSION_FALSE_PER_DAY", 10, low=0, high=1000)

# The leak watch (docs/masking.md): whether it looks, how often at each camera, how much of one core it may take in each
# worker, and from how many people on, and above how many leaks of 1,000 of them, a camera suspends itself.
LEAK_WATCH = env_bool("PACA_LEAK_WATCH", default=True)
LEAK_INTERVAL_S = env_int("PACA_LEAK_INTERVAL_S", 30, low=2, high=3600)
LEAK_CPU_PERCENT = env_int("PACA_LEAK_CPU_PERCENT", 5, low=1, high=50)
LEAK_PEOPLE = env_int("PACA_LEAK_PEOPLE", 200, low=50, high=100000)
LEAK_BUDGET = env_int("PACA_LEAK_BUDGET", 50, low=1, high=999)

# Whom passers-by ask and complain to; the transparency page says so where nobody is named.
CONTACT = env_str("PACA_CONTACT", "").strip()
if len(CONTACT) > 500:
    raise ImproperlyConfigured(f"PACA_CONTACT must have at most 500 characters; got {len(CONTACT)}.")

# Complaints (docs/redress.md): answered within so many days, deleted so many days after the answer.
REDRESS_DAYS = env_int("PACA_REDRESS_DAYS", 30, low=1, high=90)
REDRESS_KEEP_DAYS = env_int("PACA_REDRESS_KEEP_DAYS", 365, low=30, high=1825)

# Serious incidents (docs/incidents.md): from the moment one is noticed, within how long somebody is to be told. The
# upper ends are those of the law where it names one: an installation may be stricter, never laxer.
SERIOUS_OFFICER_HOURS = env_int("PACA_SERIOUS_OFFICER_HOURS", 24, low=1, high=72)
SERIOUS_BREACH_HOURS = env_int("PACA_SERIOUS_BREACH_HOURS", 72, low=1, high=72)
SERIOUS_PEOPLE_HOURS = env_int("PACA_SERIOUS_PEOPLE_HOURS", 72, low=1, high=720)
SERIOUS_PROVIDER_HOURS = env_int("PACA_SERIOUS_PROVIDER_HOURS", 24, low=1, high=48)
SERIOUS_INCIDENT_DAYS = env_int("PACA_SERIOUS_INCIDENT_DAYS", 15, low=1, high=15)
SERIOUS_DEATH_DAYS = env_int("PACA_SERIOUS_DEATH_DAYS", 10, low=1, high=10)
SERIOUS_WIDESPREAD_DAYS = env_int("PACA_SERIOUS_WIDESPREAD_DAYS", 2, low=1, high=2)

# Unmasked video, encrypted (docs/custody.md): how long at most a policy may keep it, and where the secrets lie without
# which it is noise. That folder must be in no backup.
RAW_HOURS_MAX = env_int("PACA_RAW_HOURS_MAX", 72, low=0, high=720)

# Prometheus reads /metrics with this token; without one there is no such page.
METRICS_TOKEN = env_str("PACA_METRICS_TOKEN", "")
if METRICS_TOKEN and len(METRICS_TOKEN) < 16:
    raise ImproperlyConfigured(
        f"PACA_METRICS_TOKEN must have at least 16 characters (or be empty: no /metrics); got {len(METRICS_TOKEN)}."
    )
