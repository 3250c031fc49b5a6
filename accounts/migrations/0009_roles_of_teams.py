from django.db import migrations

from accounts.roles import grant_roles


class Migration(migrations.Migration):
    """The roles' permissions for teams and the ledger."""

    dependencies = [("accounts", "0008_teams"), ("playground", "0001_initial")]
    operations = [migrations.RunPython(grant_roles, migrations.RunPython.noop)]
