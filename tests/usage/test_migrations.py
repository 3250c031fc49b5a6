"""The table of usage logs moves from `pricing` to `usage` with its rows."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from usage.models import UsageLog

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
BEFORE = [("pricing", "0006_content_billed_as_input"), ("usage", None)]
AFTER = [("pricing", "0007_usage_logs_leave"), ("usage", "0002_visitors_and_attempts")]


def migrate(targets):
    """Migrate to these states; gives the models as they are there."""
    executor = MigrationExecutor(connection)
    return executor.migrate(targets).apps


def test_a_log_of_the_old_table_is_found_in_the_new_one():
    old = migrate(BEFORE).get_model("pricing", "UsageLog")
    assert old._meta.db_table == "pricing_usagelog"
    old.objects.create(
        digest="d" * 64,
        name="june.csv",
        size=3,
        path="/x",
        result={"total": "1.25"},
        state="done",
        created_at=NOW,
        expires_at=NOW,
        seen_at=NOW,
    )
    migrate(AFTER)
    log = UsageLog.objects.get()
    assert (log.name, log.result, log.ended, log.seen_at) == (
        "june.csv",
        {"total": "1.25"},
        True,
        NOW,
    )
    assert "pricing_usagelog" not in connection.introspection.table_names()
    again = UsageLog.objects.create(
        digest="e" * 64, name="july.csv", size=3, path="/y", created_at=NOW, expires_at=NOW
    )
    assert again.pk > log.pk


def test_a_permission_on_usage_logs_keeps_its_holders(admin_user):
    permission = Permission.objects.get(codename="view_usagelog")
    admin_user.user_permissions.add(permission)
    migrate(BEFORE)
    permission.refresh_from_db()
    assert ContentType.objects.get(model="usagelog").app_label == "pricing"
    migrate(AFTER)
    assert ContentType.objects.get(model="usagelog").app_label == "usage"
    assert admin_user.user_permissions.get() == permission
