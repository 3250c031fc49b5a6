import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("RATECARD_SERVES_WEB", "1")

application = get_wsgi_application()

# After the settings are read; a task sent from a page finds its broker through it.
from config import celery  # noqa: E402, F401
