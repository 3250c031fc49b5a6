"""Roles as groups of permissions: viewer, editor, administrator."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.management import create_permissions

VIEWER, EDITOR, ADMINISTRATOR = "Viewer", "Editor", "Administrator"
_EDITED = {
    "agreements": ("view", "add", "change", "delete"),
    "catalog": ("view", "add", "change", "delete"),
    "pricing": ("view", "add", "change"),
    "sources": ("view", "change"),
    "telemetry": ("view", "add", "change"),
}
# By app, what a role may do with all of its tables.
ROLES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    VIEWER: {"agreements": ("view",)},
    EDITOR: _EDITED,
    ADMINISTRATOR: {
        **_EDITED,
        "accounts": ("view", "add", "change"),
        "auth": ("view", "add", "change", "delete"),
        "axes": ("view", "delete"),
        "playground": ("view",),
    },
}


def grant_roles(apps: Any, schema_editor: Any) -> None:
    """An operation of a migration: give the groups their permissions for all tables until then.

    Whatever else an administrator has given or taken stays.
    """
    for app in {name for role in ROLES.values() for name in role}.intersection(apps.app_configs):
        config = apps.get_app_config(app)
        # Django makes permissions after the last migration only, and of apps with models alone.
        config.models_module = True
        create_permissions(config, verbosity=0, apps=apps, using=schema_editor.connection.alias)
        config.models_module = None
    groups, permissions = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    for name, allowed in ROLES.items():
        group, _ = groups.objects.get_or_create(name=name)
        for app, verbs in allowed.items():
            for permission in permissions.objects.filter(content_type__app_label=app):
                if permission.codename.partition("_")[0] in verbs:
                    group.permissions.add(permission)
