from django.db import migrations

from accounts.roles import grant_roles


class Migration(migrations.Migration):
    dependencies = [
        ("agreements", "0002_written"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("axes", "0009_add_session_hash"),
        ("catalog", "0019_indexes_of_endpoints"),
        ("pricing", "0012_cheapest"),
        ("sources", "0005_applied_rules"),
    ]
    operations = [migrations.RunPython(grant_roles, migrations.RunPython.noop)]
