from django.db import migrations

from accounts.roles import grant_roles


class Migration(migrations.Migration):
    """The roles' permissions for series of calls and runs of probes."""

    dependencies = [("accounts", "0003_unmatched_names"), ("telemetry", "0005_probe_run")]
    operations = [migrations.RunPython(grant_roles, migrations.RunPython.noop)]
