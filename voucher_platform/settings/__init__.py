"""All settings, read from the environment. Development needs none; production refuses to start without its secrets."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url

from voucher_platform import env
from voucher_platform.embedded import postgres
from voucher_platform.settings.api import REST_FRAMEWORK as REST_FRAMEWORK
from voucher_platform.settings.api import SPECTACULAR_SETTINGS as SPECTACULAR_SETTINGS
from voucher_platform.settings.environment import PRODUCTION, STATE_DIR
from voucher_platform.settings.queue import *  # noqa: F403 - Django reads every name of ours

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

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "INFO")},
    "loggers": {"django.request": {"level": "ERROR"}},
}
SILENCED_SYSTEM_CHECKS: list[str] = []
