"""Django's settings: one file, read from the environment."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from environs import EnvError, validate

from config import embedded
from config.database.connections import connection_class
from config.embedded.connections import PAUSE_SECONDS, connector
from config.environment import (
    ROOT,
    environment_error_text,
    kept_secret_key,
    prepare_home,
    read_environment,
    refuse,
    refuse_weak_key,
)
from config.schedule import SCHEDULE
from config.sign_in import read_domains, read_providers

# The slugs that RATECARD_SOURCES may hold; sources.registry has those that are built.
KNOWN_SOURCES = (
    *("models-dev", "openrouter", "vercel", "litellm", "genai-prices", "huggingface"),
    *("model-prices", "curated"),
)
# Those of the keys of this install: account-openai.
ACCOUNT_SOURCE = re.compile(r"account-[a-z0-9][a-z0-9.-]*")

HSTS_REACHES = ("off", "host", "subdomains", "preload")

env = read_environment()
try:
    HOME = env.path("RATECARD_HOME", ROOT / "var").expanduser().absolute()
    PORT = env.int("PORT", 8000, validate=validate.Range(1, 65535))
    # The address to listen on. Not HOST, which some shells and tools export.
    HOST = env.str("RATECARD_HOST", "127.0.0.1", validate=validate.Length(1))
    DEBUG = env.bool("DEBUG", False)
    # The public address. https:// switches on everything that needs TLS.
    PUBLIC_URL = env.str(
        "RATECARD_URL", f"http://127.0.0.1:{PORT}", validate=validate.URL(require_tld=False)
    )
    ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
    BROKER_URL = env.str("CELERY_BROKER_URL", "")
    SOURCES: list[str] = env.list(
        "RATECARD_SOURCES",
        [],
        validate=lambda slugs: validate.ContainsOnly(KNOWN_SOURCES)(
            [slug for slug in slugs if not ACCOUNT_SOURCE.fullmatch(slug)]
        ),
    )
    # Proxies in front, each of which adds an address to X-Forwarded-For.
    PROXIES = env.int("RATECARD_PROXIES", 0, validate=validate.Range(min=0))
    # Of each web process: some 600 pages, compressed.
    PAGE_CACHE_MB = env.int("RATECARD_PAGE_CACHE_MB", 8, validate=validate.Range(min=0))
    # Whether logos of providers and creators are shown and fetched.
    LOGOS = env.bool("RATECARD_LOGOS", True)
    UPLOAD_MB = env.int("RATECARD_UPLOAD_MB", 1024, validate=validate.Range(min=1))
    # The largest request of telemetry, before and after decompression.
    OTLP_MB = env.int("RATECARD_OTLP_MB", 16, validate=validate.Range(1, 64))
    # How far browsers are held to https: not at all, at this host, or at all hosts below it, too;
    # in a list that browsers bring along.
    HSTS = env.str("RATECARD_HSTS", "host", validate=validate.OneOf(HSTS_REACHES))
    # Probes: US dollars a provider and day (0: none), the endpoints of a provider, the minutes
    # between two probes of one, and what they send.
    PROBE_BUDGET = env.decimal(
        "RATECARD_PROBE_BUDGET_USD", Decimal("0.25"), validate=validate.Range(0, 10_000)
    )
    PROBE_ENDPOINTS = env.int("RATECARD_PROBE_ENDPOINTS", 10, validate=validate.Range(0, 10_000))
    PROBE_MINUTES = env.int("RATECARD_PROBE_MINUTES", 60, validate=validate.Range(5, 1440))
    PROBE_WORDS = env.int("RATECARD_PROBE_WORDS", 150, validate=validate.Range(1, 10_000))
    PROBE_TOKENS = env.int("RATECARD_PROBE_TOKENS", 200, validate=validate.Range(50, 4_000))
    PROBE_TEMPERATURE = env.float("RATECARD_PROBE_TEMPERATURE", 0, validate=validate.Range(0, 2))
    # What the place of this machine is called, where figures of probes are shown.
    PROBE_REGION = env.str("RATECARD_PROBE_REGION", "", validate=validate.Length(max=60))
    # What a person, or a team, may spend on calls in 30 days (0: no playground and no address for
    # programs), and what all calls of a provider may cost a day, probes included.
    ALLOWANCE = env.decimal(
        "RATECARD_ALLOWANCE_USD", Decimal(5), validate=validate.Range(0, 1_000_000)
    )
    PROVIDER_DAY = env.decimal(
        "RATECARD_PROVIDER_DAY_USD", Decimal(20), validate=validate.Range(0, 1_000_000)
    )
    # An issuer of OIDC tokens, whose tokens for this audience may call models.
    OIDC_ISSUER = env.str("RATECARD_OIDC_ISSUER", "").strip()
    OIDC_AUDIENCE = env.str("RATECARD_OIDC_AUDIENCE", "").strip()
    # Other ways to sign in, whose addresses of these domains may sign up without an invitation.
    SOCIALACCOUNT_PROVIDERS = read_providers(env, OIDC_ISSUER, OIDC_AUDIENCE)
    SIGNUP_DOMAINS = read_domains(env)
    # Whether the admin opens only after a second factor.
    REQUIRE_MFA = env.bool("RATECARD_REQUIRE_MFA", False)
    # A Prometheus-compatible engine that measures the traffic; its token is for reading.
    PROMETHEUS_URL = env.str("RATECARD_PROMETHEUS_URL", "")
    PROMETHEUS_TOKEN = env.str("RATECARD_PROMETHEUS_TOKEN", "").strip()
    SECRET_KEY = env.str("SECRET_KEY", "")
    # Set by config.wsgi, for itself.
    SERVES_WEB = env.bool("RATECARD_SERVES_WEB", False)
    DATABASE = env.dj_db_url("DATABASE_URL", "") if env.str("DATABASE_URL", "") else {}
except EnvError as error:
    refuse(environment_error_text(error))

prepare_home(HOME)
if SECRET_KEY:
    refuse_weak_key(SECRET_KEY)
else:
    SECRET_KEY = kept_secret_key(HOME)
if PROMETHEUS_URL and not re.match(r"https?://[^\s/?#]+[^\s?#]*$", PROMETHEUS_URL):
    # Without the value, which may hold a password.
    refuse("RATECARD_PROMETHEUS_URL is not an address: it must begin with http:// or https://.")
if DATABASE and DATABASE["ENGINE"] != "django.db.backends.postgresql":
    refuse("DATABASE_URL must begin with postgresql://, since Ratecard runs on PostgreSQL alone.")

INSTALLED_APPS = [
    "catalog",
    "pricing",
    "usage",
    "telemetry",
    "sources",
    "agreements",
    "accounts",
    "playground",
    "web",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.github",
    "allauth.socialaccount.providers.google",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "axes",
    "django_htmx",
    "template_partials",
    "config.admin.RatecardAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "web.http.security_headers.content_security_policy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
_FILES = ["web.http.template_loader.Loader", "django.template.loaders.app_directories.Loader"]
_LOADERS: list[Any] = _FILES if DEBUG else [("django.template.loaders.cached.Loader", _FILES)]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "OPTIONS": {
            "loaders": [("template_partials.loader.Loader", _LOADERS)],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# PostgreSQL everywhere: embedded (started by the first connection) or that of DATABASE_URL.
EMBEDDED = not DATABASE
# Where manage.py backup and restore find PostgreSQL's programs; None: on the PATH.
POSTGRES_PROGRAMS = embedded.wheel_programs()
# Only the web server keeps connections. Its pool tries nothing again by itself: `timeout` is a look
# at whether the server is alive, after which a request goes on waiting (config.database).
_pool: dict[str, Any] = {
    "connection_class": connection_class(HOME if EMBEDDED else None),
    "min_size": 0,
    "max_size": 8,
    "timeout": 1,
    "reconnect_timeout": 0,
}
# A network that drops everything ends a connection after this, in any process.
_DROPPED = {
    "keepalives_idle": 10,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
DATABASES = {
    "default": {
        **(
            embedded.database(HOME)
            if EMBEDDED
            else {**DATABASE, "ENGINE": "config.database", "CONN_MAX_AGE": 0}
        ),
        "OPTIONS": {
            "connect_timeout": 3 if SERVES_WEB else 10,
            **({} if EMBEDDED else _DROPPED),
            # Repeated statements are planned once a connection: planning took a third of a page.
            "server_side_binding": True,
            "prepare_threshold": 5,
            **DATABASE.get("OPTIONS", {}),
            "pool": SERVES_WEB and _pool,
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Celery: the broker is the same PostgreSQL unless another one is named.
CELERY_BROKER_URL = BROKER_URL or embedded.broker_url(DATABASES["default"])
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 900
# A worker busy with a long refresh keeps no more than a message a child from the others.
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# The PostgreSQL broker has no fan-out, which remote control and events need.
CELERY_WORKER_ENABLE_REMOTE_CONTROL = bool(BROKER_URL)
_sqlalchemy = {
    "pool_pre_ping": True,
    "creator": connector(DATABASES["default"], pause=0 if SERVES_WEB else PAUSE_SECONDS),
}
CELERY_BROKER_TRANSPORT_OPTIONS = {} if BROKER_URL else _sqlalchemy
CELERY_BEAT_SCHEDULER = "config.beat.JsonScheduler"
CELERY_BEAT_SCHEDULE_FILENAME = str(HOME / "beat-schedule")
CELERY_BEAT_SYNC_EVERY = 1
CELERY_BEAT_SCHEDULE = SCHEDULE

# Sign-in: ten failures lock an address out for a quarter of an hour, before anything is hashed.
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = ["web.http.hashing.BoundedHasher"]
AXES_LOCKOUT_PARAMETERS = ["ip_address"]
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=15)
# Attempts of one who is locked out are not counted, so that the stated wait is the longest.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
# Only failures of the last quarter of an hour are kept.
AXES_DISABLE_ACCESS_LOG = True
AXES_CLIENT_IP_CALLABLE = "web.http.sign_in.address"
AXES_CLIENT_STR_CALLABLE = "web.http.sign_in.named_in_log"
AXES_LOCKOUT_CALLABLE = "web.http.sign_in.locked_out"
# Beside the password all is allauth's: other providers, second factors, the list of sessions.
LOGIN_URL = "sign_in"
ACCOUNT_ADAPTER = "web.http.allauth_adapters.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "web.http.allauth_adapters.ProviderAdapter"
MFA_ADAPTER = "web.http.allauth_adapters.SecondFactorAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
# No mail server is assumed: an address is verified by a provider, or by nobody.
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = SOCIALACCOUNT_LOGIN_ON_GET = False
# Before second factors and connected providers change.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
SOCIALACCOUNT_STORE_TOKENS = False
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "Ratecard"
# Browsers themselves offer passkeys under https and at localhost alone.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PUBLIC_URL.startswith("https://")
# Five wrong codes of a person in five minutes: counted in a table that all processes share.
ACCOUNT_RATE_LIMITS = {"login_failed": "20/m/ip,5/5m/key", "reauthenticate": "10/m/user"}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "accounts_attempts",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LANGUAGE_CODE = "en-us"
USE_I18N = False
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STATICFILES_DIRS = [ROOT / "static"]
# Where the sprite of logos is made, and the one that came with the image.
LOGO_FOLDERS = (HOME / "logos", ROOT / "logos")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

_https = PUBLIC_URL.startswith("https://")
ALLOWED_HOSTS = [*ALLOWED_HOSTS, *{urlsplit(PUBLIC_URL).hostname or ""} - {"", *ALLOWED_HOSTS}]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL.rstrip("/")]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = _https
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
if _https:  # a name that browsers take from this host alone, and over TLS alone
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _https else None
SECURE_HSTS_SECONDS = 31536000 if _https and HSTS != "off" else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HSTS in ("subdomains", "preload")
SECURE_HSTS_PRELOAD = HSTS == "preload"
# Subdomains and the list of browsers are the operator's choice: they bind other sites, for years.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
# Container health checks come over plain HTTP from inside.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
# The largest accepted usage log, in bytes, and its folder, shared by web and workers.
MOST_UPLOADED = UPLOAD_MB * 1024 * 1024
MOST_OTLP = OTLP_MB * 1024 * 1024
FILE_UPLOAD_TEMP_DIR = prepare_home(HOME / "uploads")
FILE_UPLOAD_HANDLERS = ["web.http.uploads.BoundedUploadHandler"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "requests": {"()": "web.http.log_lines.RequestLines"},
        "broker": {"()": "web.http.log_lines.BrokerLines"},
    },
    "formatters": {"line": {"()": "web.http.log_lines.LineFormatter"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["requests", "broker"],
        }
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "ratecard": {"level": "INFO"},
        # Django's own handlers would write the same records in another form.
        "django": {"handlers": [], "level": "WARNING", "propagate": True},
        # The end and the return of the database are logged once, by config.database.
        "psycopg.pool": {"level": "ERROR"},
    },
}
