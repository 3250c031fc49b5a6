from django.db import migrations

from accounts.roles import grant_roles


class Migration(migrations.Migration):
    """The roles' permissions for keys."""

    dependencies = [("accounts", "0005_keys")]
    operations = [migrations.RunPython(grant_roles, migrations.RunPython.noop)]
