from django.urls import path

from web.views import models

urlpatterns = [
    path("", models.model_list, name="home"),
    path("models/", models.model_list, name="models"),
    path("models/<str:creator>/<str:name>/", models.model_page, name="model"),
]
