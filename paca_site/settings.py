"""Settings: environment variables only, each a row in docs/settings.md. Time is UTC inside."""

import secrets
import sys
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from paca_site import options
from paca_site.archive_storage import archive_storage
from paca_site.content_policy import CONTENT_SECURITY_POLICY as CONTENT_SECURITY_POLICY  # django-csp reads it here
from paca_site.env import (
    broker_url,
    check_redis_url,
    database_settings,
    embedded_url,
    env_bool,
    env_choice,
    env_https,
    env_list,
    env_str,
)
from paca_site.identity_provider import allauth_providers
from paca_site.options import *  # noqa: F403 - every name there is a setting
from paca_site.schedule import BEAT_SCHEDULE

BASE_DIR = Path(__file__).resolve().parent.parent

# Where everything that is not code lives: database, footage, credentials, logs.
DATA_DIR = Path(env_str("PACA_DATA", str(BASE_DIR / "var"))).resolve()
FOOTAGE_DIR = DATA_DIR / "footage"
# In no backup, so beside the data folder and never inside it (docs/custody.md).
VAULT_KEYS = Path(env_str("PACA_VAULT_KEYS", f"{DATA_DIR}-vault-keys")).resolve()
SPOOL_DIR = DATA_DIR / "spool"
# Signed checkpoints of the audit trail: best on a disk that whoever runs the database cannot write to.
CHECKPOINT_FILE = Path(env_str("PACA_CHECKPOINT_FILE", str(DATA_DIR / "audit" / "checkpoints.jsonl"))).resolve()
CHECKPOINT_KEY = Path(env_str("PACA_CHECKPOINT_KEY", str(DATA_DIR / "audit" / "checkpoint.key"))).resolve()
# What seals camera addresses and second factors in the database: best in another backup than the database.
SECRETS_KEY = Path(env_str("PACA_SECRETS_KEY", str(DATA_DIR / "secrets.key"))).resolve()
CHECKPOINT_WEBHOOK = env_https("PACA_CHECKPOINT_WEBHOOK")

DEBUG = env_bool("PACA_DEBUG", default=False)
DEMO = env_bool("PACA_DEMO", default=False)
IS_HTTPS = env_bool("PACA_HTTPS", default=False)
# A secret that dies with the process logs everybody out at a restart: safe, but a nuisance. `make run` keeps one.
SECRET_KEY = env_str("PACA_SECRET_KEY", "") or secrets.token_urlsafe(48)
ALLOWED_HOSTS = env_list("PACA_ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env_list("PACA_TRUSTED_ORIGINS", [])

INSTALLED_APPS = [
    "daphne",
    "paca_site.accounts",
    "paca_site.accounts.training",
    "paca_site.audit",
    "paca_site.embedded",
    "paca_site.oversight",
    "paca_site.oversight.redress",
    "paca_site.oversight.serious",
    "paca_site.oversight.monthly",
    "paca_site.oversight.fairness",
    "paca_site.oversight.benefit",
    "cameras",
    "cameras.assessing",
    "cameras.authorising",
    "cameras.ceilings",
    "cameras.stopping",
    "cameras.leaking",
    "cameras.archive",
    "cameras.custody",
    "cameras.modality",
    "cameras.commissioning",
    "cameras.warrants",
    "cameras.exporting",
    "cameras.boxes",
    "cameras.inviting",
    "alerts",
    "alerts.system",
    "alerts.site_map",
    "alerts.sharing",
    "alerts.seeding",
    "alerts.necessity",
    "alerts.reviewing",
    "inference",
    "inference.releasing",
    "inference.drifting",
    "channels",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "django_htmx",
    "django_filters",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "axes",
    "csp",
    "django_ratelimit",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "paca_site.accounts.headers.HeadersMiddleware",
    "paca_site.accounts.sessions.SessionEndMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "paca_site.accounts.language.LanguageMiddleware",
    "paca_site.accounts.middleware.SecondFactorMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "paca_site.urls"
ASGI_APPLICATION = "paca_site.asgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "paca_site.accounts.context.navigation",
                "paca_site.audit.context.trail_fault",
                "paca_site.oversight.serious.context.serious_overdue",
            ],
        },
    },
]

# --- services -------------------------------------------------------------------------------------------------------
# An address in the environment wins; otherwise the services that `manage.py up` started and wrote down.
DATABASE_URL = env_str("DATABASE_URL", embedded_url("DATABASE_URL", DATA_DIR))
REDIS_URL = env_str("REDIS_URL", embedded_url("REDIS_URL", DATA_DIR))
HAS_SERVICES = bool(DATABASE_URL and REDIS_URL)  # checks.py stops start-up with a hint where this is false
DATABASES = {"default": database_settings(DATABASE_URL or "postgresql:///paca")}
REDIS_URL = check_redis_url(REDIS_URL or "redis://localhost:6379/0")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CHANNEL_LAYERS = {
    "default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": [REDIS_URL]}},
}

CELERY_BROKER_URL = broker_url(REDIS_URL)

# Each process keeps its own cache; what all must count together (rate limits) stands in Valkey.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "limits": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL},
}
RATELIMIT_USE_CACHE = "limits"
SILENCED_SYSTEM_CHECKS = ["django_ratelimit.W001"]  # it lists other clients; Django's own adds and counts atomically
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {
    "inference.tasks.run_stream": {"queue": "streams"},
    "alerts.tasks.keep_time": {"queue": "dispatch"},
    "inference.tasks.ensure_streams": {"queue": "dispatch"},  # never behind a purge or a camera test
    "inference.tasks.check_system": {"queue": "dispatch"},
}
CELERY_TASK_ACKS_LATE = False  # a long task redelivered after the visibility time-out would run twice
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_DISABLE_PREFETCH = True  # a worker whose places are taken must not sit on a camera's next turn
CELERY_WORKER_DIRECT = True  # a camera is moved to one worker and to no other
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 5, "socket_connect_timeout": 5, "retry_on_timeout": True}
CELERY_BEAT_SCHEDULE = BEAT_SCHEDULE

# --- who may come in -------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "paca_site.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"  # a key that lies about must not be enough
MFA_RATE_LIMITS = False  # passkey_pages.py counts, over all processes
MFA_TOTP_ISSUER = "PACA"
MFA_ADAPTER = "paca_site.accounts.adapter.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "paca_site.audit.code_limit.CountedAuthenticateForm",
    "reauthenticate": "paca_site.audit.code_limit.CountedReauthenticateForm",
    "add_webauthn": "paca_site.accounts.passkeys.AddPasskeyForm",
    "edit_webauthn": "paca_site.accounts.passkeys.RenamePasskeyForm",
    "authenticate_webauthn": "paca_site.accounts.passkeys.SecondPasskeyForm",
    "reauthenticate_webauthn": "paca_site.accounts.passkeys.FreshPasskeyForm",
    "login_webauthn": "paca_site.accounts.passkeys.SignInPasskeyForm",
}
SOCIALACCOUNT_ADAPTER = "cameras.inviting.oidc.ProviderAdapter"
SOCIALACCOUNT_PROVIDERS = allauth_providers(options.OIDC)  # none: nothing of it opens
SOCIALACCOUNT_LOGIN_ON_GET = True  # a link, as form-action forbids a form that leads to another site
# In the demo nobody has an authenticator yet; everywhere else every role needs one.
REQUIRE_SECOND_FACTOR = env_bool("PACA_REQUIRE_SECOND_FACTOR", default=not DEMO)
# axes and audit/code_limit.py count, in the database: a restart forgets none
ACCOUNT_RATE_LIMITS = {"login_failed": False}
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "paca_site.accounts.client_address.axes_address"
AXES_DISABLE_ACCESS_LOG = True  # the trail has every sign-in, without address and browser
AXES_LOCKOUT_TEMPLATE = "account/lockout.html"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = IS_HTTPS
# A browser takes a cookie of this name over https only, for this very host and no other that it could be set from.
SESSION_COOKIE_NAME = "__Host-sessionid" if IS_HTTPS else "sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken" if IS_HTTPS else "csrftoken"
CSRF_COOKIE_HTTPONLY = True  # forms carry the token; no script reads the cookie
SECURE_HSTS_SECONDS = 31536000 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IS_HTTPS
BEHIND_PROXY = env_bool("PACA_BEHIND_PROXY", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# --- language, time, files -------------------------------------------------------------------------------------------
LANGUAGES = [("en", "English"), ("nb", "Norsk")]
LANGUAGE_CODE = env_choice("PACA_LANGUAGE", "en", [code for code, _ in LANGUAGES])
LANGUAGE_COOKIE_NAME = "__Host-language" if IS_HTTPS else "django_language"
LANGUAGE_COOKIE_SAMESITE, LANGUAGE_COOKIE_SECURE, LANGUAGE_COOKIE_HTTPONLY = "Lax", IS_HTTPS, True
LOCALE_PATHS = [BASE_DIR / "paca_site" / "locale"]
FORMAT_MODULE_PATH = ["paca_site.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = DATA_DIR / "static"
FILE_UPLOAD_HANDLERS = ["paca_site.uploads.InMemoryUploadHandler"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    **archive_storage(
        bucket=options.ARCHIVE_BUCKET,
        endpoint=options.ARCHIVE_ENDPOINT,
        region=options.ARCHIVE_REGION,
        prefix=options.ARCHIVE_PREFIX,
    ),
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 0 if DEBUG or DEMO else 3600

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env_str("PACA_LOG_LEVEL", "INFO").upper()},
    "loggers": {
        "daphne.http_protocol": {"level": "WARNING"},
        "axes": {"level": "WARNING"},
        "fido2": {"level": "WARNING"},
    },
}

if not DEBUG and not DEMO and "test" not in sys.argv and IS_HTTPS and not env_str("PACA_SECRET_KEY", ""):
    raise ImproperlyConfigured(
        "PACA_SECRET_KEY must be set (50 random characters) where PACA_HTTPS is on; it is empty."
    )
