from django.db import migrations

from accounts.roles import grant_roles


class Migration(migrations.Migration):
    """The roles' permissions for the tables of changes, answers and reviews."""

    dependencies = [
        ("accounts", "0001_roles"),
        ("catalog", "0023_stated_then"),
        ("pricing", "0014_held_decided"),
        ("sources", "0011_written"),
    ]
    operations = [migrations.RunPython(grant_roles, migrations.RunPython.noop)]
