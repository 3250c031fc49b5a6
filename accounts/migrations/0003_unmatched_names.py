from django.db import migrations

from accounts.roles import grant_roles


class Migration(migrations.Migration):
    """The roles' permissions for unmatched names."""

    dependencies = [("accounts", "0002_later_tables"), ("sources", "0012_unmatched_names")]
    operations = [migrations.RunPython(grant_roles, migrations.RunPython.noop)]
