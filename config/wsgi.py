import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("RATECARD_SERVES_WEB", "1")

_django = get_wsgi_application()

# After the settings are read; a task sent from a page finds its broker through `celery`.
from config import celery  # noqa: E402, F401
from web.http.bodies import bounded_bodies  # noqa: E402
from web.http.content_types import readable_types  # noqa: E402

application = bounded_bodies(readable_types(_django))

# Caches hold hundreds of thousands of objects: at the usual threshold every hundredth page paused
# for 100 ms to look for cycles among all of them. What is loaded by now is never looked at.
gc.freeze()
gc.set_threshold(20_000)
