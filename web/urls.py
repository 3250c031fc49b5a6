from django.urls import path

from web.views import health, models

urlpatterns = [
    path("", models.model_list, name="home"),
    path("models/", models.model_list, name="models"),
    path("models/<str:creator>/<str:name>/", models.model_page, name="model"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
