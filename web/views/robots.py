"""robots.txt and the sitemap."""

from django.conf import settings
from django.contrib.sitemaps import views
from django.http import HttpRequest, HttpResponse

from web.http.page_cache import cached_page
from web.pages.sitemaps import Pages
from web.views.errors import read_only


@read_only
def robots(request: HttpRequest) -> HttpResponse:
    lines = (
        "User-agent: *",
        "Disallow: /admin/",
        "Disallow: /estimate/?",  # endless variants
        "Disallow: /estimate.csv",
        "Disallow: /suggest/",
        f"Sitemap: {settings.PUBLIC_URL.rstrip('/')}/sitemap.xml",
    )
    return HttpResponse("\n".join((*lines, "")), content_type="text/plain")


@read_only
@cached_page
def sitemap(request: HttpRequest) -> HttpResponse:
    pages = Pages()
    if pages.paginator.num_pages > 1:
        return views.index(request, {"pages": pages}, sitemap_url_name="sitemap_part").render()
    return views.sitemap(request, {"pages": pages}).render()


@read_only
@cached_page
def sitemap_part(request: HttpRequest, section: str) -> HttpResponse:
    return views.sitemap(request, {"pages": Pages()}, section=section).render()
