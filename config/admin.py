"""The admin with a site of our own, for every table that is registered."""

from django.contrib.admin.apps import AdminConfig


class RatecardAdminConfig(AdminConfig):
    # Not in web.admin: its import registers tables with the site that this names.
    default_site = "web.http.admin_site.RatecardAdminSite"
