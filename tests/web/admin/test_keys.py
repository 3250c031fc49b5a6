"""Keys in the admin: made by administrators, shown once, revoked."""

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.keys import find_key
from accounts.models import Key, KeyKind
from accounts.roles import ADMINISTRATOR, EDITOR

pytestmark = pytest.mark.django_db


def test_an_administrator_makes_a_key_which_is_shown_once_and_revokes_it(client):
    administrator = User.objects.create_user("ada", is_staff=True)
    administrator.groups.add(Group.objects.get(name=ADMINISTRATOR))
    client.force_login(administrator)
    page = client.post(reverse("admin:accounts_key_add"), {"kind": "ingest", "name": "gateway"})
    key = Key.objects.get()
    secret = page.content.decode().partition('"secret">')[2].partition("<")[0]
    assert find_key(secret, KeyKind.INGEST, timezone.now()) == key
    assert "no-store" in page["Cache-Control"]
    assert key.created_by == administrator
    for address in (
        reverse("admin:accounts_key_changelist"),
        reverse("admin:accounts_key_change", args=[key.pk]),
        reverse("admin:index"),
    ):
        content = client.get(address).content
        assert secret.encode() not in content
        assert bytes(key.digest).hex().encode() not in content
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_admin_log WHERE change_message LIKE '%%rc_%%'")
        assert cursor.fetchone() == (0,)
    chosen = {"action": "revoke", "_selected_action": [key.pk]}
    client.post(reverse("admin:accounts_key_changelist"), chosen)
    assert find_key(secret, KeyKind.INGEST, timezone.now()) is None
    assert "revoked" in client.get(reverse("admin:accounts_key_changelist")).content.decode()


def test_an_editor_does_not_see_keys(client):
    editor = User.objects.create_user("ed", is_staff=True)
    editor.groups.add(Group.objects.get(name=EDITOR))
    client.force_login(editor)
    assert client.get(reverse("admin:accounts_key_changelist")).status_code == 403
