from django.contrib import admin
from django.urls import include, path

handler400 = "web.views.errors.bad_request"
handler403 = "web.views.errors.forbidden"
handler404 = "web.views.errors.not_found"
# allauth's, where too many attempts were made.
handler429 = "web.views.errors.too_many_attempts"
handler500 = "web.views.errors.server_error"

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("web.urls")),
]
