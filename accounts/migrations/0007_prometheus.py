from django.db import migrations

from accounts.roles import grant_roles


class Migration(migrations.Migration):
    """The roles' permissions for queries of Prometheus."""

    dependencies = [("accounts", "0006_roles_of_keys"), ("telemetry", "0006_prometheus")]
    operations = [migrations.RunPython(grant_roles, migrations.RunPython.noop)]
