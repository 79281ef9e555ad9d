"""All settings, read from the environment. Development needs none; production refuses to start without its secrets."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from celery.schedules import crontab
from django.core.exceptions import ImproperlyConfigured

from voucher_platform import env
from voucher_platform.embedded import postgres, valkey

BASE_DIR = Path(__file__).resolve().parent.parent
STATE_DIR = Path(env.text("STATE_DIR", str(BASE_DIR / ".dev"))).resolve()

ENVIRONMENT = env.text("VOUCHER_ENV", "development")
if ENVIRONMENT not in ("development", "production"):
    raise ImproperlyConfigured(f"VOUCHER_ENV={ENVIRONMENT!r}: use 'development' or 'production'")
PRODUCTION = ENVIRONMENT == "production"
if PRODUCTION:
    env.require(
        "SECRET_KEY",
        "DATABASE_URL",
        "REDIS_URL",
        "ALLOWED_HOSTS",
        "FILES_DIR",
        "IDENTITY_KEY",
        "OBJECTION_KEY",
        "WEBHOOK_KEY",
    )

DEBUG = False  # our error pages carry no trace in either environment; developers read the log
SECRET_KEY = env.text("SECRET_KEY", "development-only-key-never-used-in-production-0123456789abcdef")
IDENTITY_KEY = env.text("IDENTITY_KEY", "development-only-identity-key")  # digests of identity numbers; never changes
SEALING_SECRETS = {  # foundation.sealed: one secret a purpose; what was sealed opens only with the one of its day
    "webhook": env.text("WEBHOOK_KEY", "development-only-webhook-key"),
    "objection": env.text("OBJECTION_KEY", "development-only-objection-key"),
    "complaint": env.text("OBJECTION_KEY", "development-only-objection-key"),  # who complains: another derived key
}
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS", [])

INSTALLED_APPS = [
    "portal",  # first: its django/forms/ and drf_spectacular/ templates win over the libraries' own
    "django.forms",
    "django_htmx",
    "template_partials.apps.SimpleAppConfig",
    "csp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "pgtrigger",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "knox",
    "foundation",
    "engines.ledger",
    "engines.evidence",
    "engines.calendar",
    "engines.files",
    "engines.notifications",
    "engines.publicity",
    "accounts",
    "registry",
    "programmes",
    "credit",
    "enterprises",
    "providers",
    "accreditation",
    "demands",
    "contracts",
    "settlement",
    "records",
    "sample",
]
MIDDLEWARE = [
    "voucher_platform.health.probes",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",  # answers only: static files are compressed beforehand
    "csp.middleware.CSPMiddleware",
    "portal.public.pages.OldBrowsers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "portal.kit.errors.RefusalPages",
]
APPEND_SLASH = False  # a redirected POST comes back as a GET: an address without its slash is a 404 that says so
CSRF_FAILURE_VIEW = "portal.kit.errors.csrf_failed"
ROOT_URLCONF = "voucher_platform.urls"
WSGI_APPLICATION = "voucher_platform.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "OPTIONS": {
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.context.everywhere",
            ],
            "builtins": [
                "django.templatetags.static",
                "template_partials.templatetags.partials",
                "portal.templatetags.portal",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
LOGIN_URL = "sign-in"
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- database: a named server, or the embedded one that manage.py and `make run` start
DATABASES: dict[str, Any] = {
    "default": dj_database_url.parse(env.text("DATABASE_URL") or postgres.url(STATE_DIR), conn_max_age=60)
}
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = False
# The statements of foundation.statements are prepared from their third run on a connection. The ORM's own never are.
DATABASES["default"].setdefault("OPTIONS", {})["prepare_threshold"] = 2

# --- queue: the embedded Valkey when REDIS_URL is unset. Correctness lives in PostgreSQL; the queue only wakes.
REDIS_URL = env.text("REDIS_URL") or valkey.url(STATE_DIR)
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_ACKS_ON_FAILURE_OR_TIMEOUT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SOFT_TIME_LIMIT = 1500
CELERY_TASK_TIME_LIMIT = 1800
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "Asia/Shanghai"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {  # visibility must exceed twice the longest task, or it runs again meanwhile
    "visibility_timeout": 3600,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_keepalive": True,
    "socket_connect_timeout": 5,
}
CELERY_BEAT_SCHEDULE: dict[
    str, dict[str, Any]
] = {  # a wake-up that no worker took in time is dropped: the next one does the same work
    name: {"task": "foundation.run_job", "schedule": schedule, "args": [name], "options": {"expires": expires}}
    for name, schedule, expires in (
        ("relay_outbox", 5.0, 5),
        ("send_mail", 30.0, 30),
        ("send_webhooks", 30.0, 30),
        ("send_digests", crontab(hour=8, minute=30), 43_200),
        ("remind_unacknowledged", crontab(hour=8, minute=15), 43_200),  # before the digest
        ("watch_budget", 60.0, 60),
        ("remind_quarterly_report", crontab(hour=8, minute=0), 43_200),
        ("time_out_holds", crontab(minute="*/10"), 600),
        ("time_out_deposits", crontab(minute="*/10"), 600),
        ("close_year", crontab(minute=0), 3600),  # hourly: midnight missed is made good at one o'clock
        ("close_rounds", crontab(hour=0, minute=5), 43_200),
        ("lapse_corrections", crontab(hour=0, minute=15), 43_200),
        ("end_barred_applications", crontab(minute=50), 3600),  # hourly: a barred code goes no further anyway
        ("expire_listings", crontab(hour=0, minute=10), 43_200),
        ("expire_demands", crontab(hour=0, minute=15), 43_200),
        ("mark_overdue", crontab(hour=0, minute=20), 43_200),
        ("lapse_unclaimed", crontab(hour=0, minute=30), 43_200),
        ("remind_waiting", crontab(hour=8, minute=30), 43_200),
        ("settle_resumed", crontab(minute="*/10"), 600),
        ("close_intakes", crontab(hour=0, minute=5), 43_200),
        ("time_out_corrections", crontab(hour=0, minute=35), 43_200),
        ("finish_refusals", crontab(hour=0, minute=40), 43_200),
        ("warn_overdue_claims", crontab(hour=8, minute=30), 43_200),
        ("carry_over_claims", crontab(minute=5), 3600),  # hourly, after close_year
        ("watch_publicities", crontab(hour=7, minute=30), 43_200),  # before the office opens
        ("update_caps", crontab(minute=40), 3600),  # hourly: a lowered cap should not be signed against all day
        ("expire_credit_records", crontab(hour=0, minute=50), 43_200),
        ("watch_complaints", crontab(hour=7, minute=40), 43_200),
        ("warn_overdue_checks", crontab(hour=7, minute=40), 43_200),
        ("warn_overdue_applications", crontab(hour=7, minute=40), 43_200),
        ("regrade_enterprises", crontab(hour=1, minute=0), 43_200),
        ("close_returned_registrations", crontab(hour=0, minute=40), 43_200),
        ("recompute_ledger", crontab(hour=2, minute=30), 43_200),
        ("verify_evidence", crontab(hour=3, minute=0), 43_200),
        ("purge_kept_answers", crontab(hour=3, minute=30), 43_200),
        ("purge_drafts", crontab(hour=3, minute=35), 43_200),
        ("purge_uploads", crontab(minute=45), 3600),
    )
}

# --- time, language
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
LANGUAGE_CODE = "zh-hans"
USE_I18N = True

# --- files: outside the web root, served only through a permission check
# the class that pre-checks the text of products (providers/precheck.py); its answer is advice
PRODUCT_PRECHECK = env.text("PRODUCT_PRECHECK", "providers.precheck.RuleCheck")
FILES_DIR = Path(env.text("FILES_DIR", str(STATE_DIR / "files")))
FILE_MAX_BYTES = env.whole("FILE_MAX_BYTES", 20 * 1024 * 1024)
FILE_LIMITS = {"evidence": env.whole("EVIDENCE_MAX_BYTES", 200 * 1024 * 1024)}  # by purpose, of what comes in parts
UPLOAD_HOURS = env.whole("UPLOAD_HOURS", 24)  # how long a file that came half may still be finished
UPLOADS_AT_ONCE = env.whole("UPLOADS_AT_ONCE", 20)  # unfinished ones of one organisation: their bytes are on our disk
DATA_UPLOAD_MAX_MEMORY_SIZE = env.whole("BODY_MAX_BYTES", 256 * 1024)
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
DATA_UPLOAD_MAX_NUMBER_FILES = 1
FILE_UPLOAD_HANDLERS = ["engines.files.uploads.LimitedUploadHandler"]
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(STATE_DIR / "static")))
# `make dev` serves what stands in the source tree; everything else the collected files, under the hash of their content
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = env.flag("STATIC_FROM_SOURCE", False)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if WHITENOISE_USE_FINDERS
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# --- 公示: whom people turn to; each list keeps what stood here on its day
_EXAMPLE = not PRODUCTION  # on servers a list is refused until these are set
PUBLICITY_OFFICE = env.text("PUBLICITY_OFFICE", "示例工业和信息化厅服务券办公室" if _EXAMPLE else "")
PUBLICITY_ADDRESS = env.text("PUBLICITY_ADDRESS", "示例市示例路1号" if _EXAMPLE else "")
PUBLICITY_PHONE = env.text("PUBLICITY_PHONE", "0771-0000000" if _EXAMPLE else "")
PUBLICITY_MAILBOX = env.text("PUBLICITY_MAILBOX", "publicity@example.gov.cn" if _EXAMPLE else "")

# --- sign-in
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "foundation.passwords.LongEnough", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_COOKIE_AGE = env.whole("SESSION_SECONDS", 12 * 3600)
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
REST_KNOX = {"TOKEN_TTL": None, "TOKEN_LIMIT_PER_USER": 10, "USER_SERIALIZER": None, "AUTO_REFRESH": False}
TOKENS_PER_USER = 10
TOKEN_DAYS = env.whole("TOKEN_DAYS", 30)
DRAFT_DAYS = env.whole("DRAFT_DAYS", 30)  # how long a registration that was begun waits for who has its code
KEPT_ANSWER_DAYS = env.whole("KEPT_ANSWER_DAYS", 30)  # how long a retry finds its first answer

# --- notices: e-mail (none without EMAIL_URL: mails are then noted as not configured), webhooks, wording
SITE_URL = (  # what links in mails begin with
    env.text("SITE_URL") or (f"https://{ALLOWED_HOSTS[0]}" if PRODUCTION else "http://localhost:8000")
).rstrip("/")
MAIL = env.mail("EMAIL_URL")
EMAIL_CONFIGURED = MAIL is not None
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM") or "voucher@localhost"
if MAIL is not None:
    EMAIL_HOST, EMAIL_PORT, EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = MAIL.host, MAIL.port, MAIL.user, MAIL.password
    EMAIL_USE_TLS, EMAIL_USE_SSL = MAIL.starttls, MAIL.tls
WEBHOOK_LOOPBACK = not PRODUCTION  # http and this machine itself, for trying out
WEBHOOK_ALLOWED_NETWORKS = env.networks("WEBHOOK_ALLOWED_NETWORKS")  # inner networks that may be posted to
NOTIFICATION_TOPICS_DIR = env.text("NOTIFICATION_TOPICS_DIR")  # *.yaml laid over the rooms' own topics.yaml

# --- transport
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if PRODUCTION:
    SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", True)
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

# Where browsers find the stream behind live parts of pages: a path where a proxy leads there (/live/stream/), an address
# where the process has a port of its own, "" where there is none: then pages ask from time to time instead.
LIVE_URL = env.text("LIVE_URL")
_LIVE = urlsplit(LIVE_URL)

# What a page may load and where it may send: ourselves. Only the API documents have exceptions (voucher_platform.apidocs).
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'", *([f"{_LIVE.scheme}://{_LIVE.netloc}"] if _LIVE.netloc else [])],
        "media-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "manifest-src": ["'self'"],
    }
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "knox.auth.TokenAuthentication",
        "foundation.api.authentication.Session",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["foundation.api.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": "foundation.api.pagination.Keyset",
    "DEFAULT_FILTER_BACKENDS": ["foundation.api.filters.StrictFilters"],
    "DEFAULT_SCHEMA_CLASS": "foundation.api.schema.Documented",
    "EXCEPTION_HANDLER": "foundation.api.errors.handle",
    "DEFAULT_THROTTLE_RATES": {  # foundation.api.throttling
        "public_writes": env.text("PUBLIC_WRITES", "20/hour"),
        "public_lookups": env.text("PUBLIC_LOOKUPS", "120/hour"),
        "public_registrations": env.text("PUBLIC_REGISTRATIONS", "200/hour"),
        "own_password": env.text("OWN_PASSWORD", "10/hour"),
    },
    "NUM_PROXIES": env.whole("NUM_PROXIES", 1 if PRODUCTION else 0),  # whose word on a caller's address counts
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "广西制造业企业培优育强服务券平台 API",
    "VERSION": "1.0.0",
    "DESCRIPTION": "依据《广西制造业企业培优育强服务券管理办法（试行）》。金额为字符串，单位元，两位小数；时间含时区。",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "foundation.api.schema.in_chinese",
    ],
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": True,
    "ENUM_NAME_OVERRIDES": {  # many rooms have a `state` and a `kind`: each keeps one name in generated clients
        "ListingState": "providers.states.ListingState",
        "ProductState": "providers.states.ProductState",
        "ProductVersionState": "providers.states.VersionState",
        "SettlementAccountState": "providers.states.AccountState",
        "BarState": "providers.states.BarState",
        "RoleEnum": "accounts.states.Role.choices",
        "SettlementFault": "settlement.states.Fault",
        "ContractFault": "contracts.states.Fault",
        "ClaimState": "settlement.states.ClaimState",
        "BatchState": "settlement.states.BatchState",
        "PayoutState": "settlement.states.PayoutState",
        "AppealState": "settlement.states.AppealState",
        "ExportKind": "settlement.states.ExportKind",
        "ReturnCode": "settlement.states.ReturnCode",
        "RosterKind": "registry.states.RosterKind",
        "RosterState": "registry.states.RosterState",
        "TitleState": "registry.states.TitleState",
        "NoticeKind": "programmes.states.NoticeKind",
        "NoticeState": "programmes.states.NoticeState",
        "AppropriationKind": "programmes.states.AppropriationKind",
        "AppropriationState": "programmes.states.AppropriationState",
        "SuspensionKind": "programmes.states.SuspensionKind",
        "EnterpriseState": "enterprises.states.State",
        "QuotaGrantKind": "enterprises.states.GrantKind",
        "QuotaAdjustmentState": "enterprises.states.AdjustmentState",
        "PassportStanding": "enterprises.states.Standing",
        "PassportDisputeKind": "enterprises.states.DisputeKind",
        "PassportDisputeState": "enterprises.states.DisputeState",
        "RelationKind": "enterprises.states.RelationKind",
        "RelationDeclarationState": "enterprises.states.DeclarationState",
        "ContractState": "contracts.states.State",
        "PaymentState": "contracts.states.PaymentState",
        "PaymentKind": "contracts.states.PaymentKind",
        "SupplementState": "contracts.states.SupplementState",
        "TerminationState": "contracts.states.TerminationState",
        "ComplaintState": "credit.states.ComplaintState",
        "ComplainantKind": "credit.states.ComplainantKind",
        "FilerKind": "engines.publicity.states.FilerKind",
        "ComplaintRefusal": "credit.states.Refusal",
        "CreditRecordState": "credit.states.RecordState",
        "CreditGround": "credit.states.Ground",
        "ContractSide": "contracts.states.Side",
        "EvidenceKind": "contracts.states.EvidenceKind",
        "MilestoneState": "contracts.states.MilestoneState",
        "EvidenceQueryState": "contracts.states.QueryState",
        "RelatedPermitState": "contracts.states.PermitState",
        "EvidenceAsker": "contracts.states.Asker",
        "AwaitedStep": "contracts.states.Awaited",
        "AwaitedOf": "contracts.states.Of",
        "DeliveryState": "engines.notifications.states.DeliveryState",
        "DeliveryChannel": "engines.notifications.states.Channel",
        "DeliveryContent": "engines.notifications.states.Content",
        "EmailMode": "engines.notifications.states.EmailMode",
        "EndpointState": "engines.notifications.states.EndpointState",
        "OrganisationKind": "accounts.states.OrganisationKind",
        "AccreditationRoundState": "accreditation.states.RoundState",
        "AccreditationRoundKind": "accreditation.states.RoundKind",
        "AccreditationCaseKind": "accreditation.states.CaseKind",
        "AccreditationApplicationState": "accreditation.states.ApplicationState",
        "AccreditationMaterialKind": "accreditation.states.MaterialKind",
        "AccreditationAskKind": "accreditation.states.AskKind",
        "AccreditationSource": "accreditation.states.Source",
        "AccreditationOutcome": "accreditation.states.Outcome",
        "ExpertState": "accreditation.states.ExpertState",
        "ExpertPanelState": "accreditation.states.PanelState",
        "ScoreSheetState": "accreditation.states.SheetState",
        "PublicityState": "engines.publicity.states.PublicityState",
        "PublicityItemState": "engines.publicity.states.ItemState",
        "ObjectionState": "engines.publicity.states.ObjectionState",
        "ObjectionOutcome": "engines.publicity.states.Outcome",
        "AskedBy": "engines.publicity.states.AskedBy",
        "Unaccepted": "engines.publicity.states.Unaccepted",
        "DemandState": "demands.states.DemandState",
        "DemandResponseState": "demands.states.ResponseState",
        "DemandSide": "demands.states.Side",
        "SynonymState": "demands.states.SynonymState",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "INFO")},
    "loggers": {"django.request": {"level": "ERROR"}},
}
SILENCED_SYSTEM_CHECKS: list[str] = []
