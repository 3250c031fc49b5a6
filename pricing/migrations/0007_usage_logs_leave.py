from django.db import migrations


class Migration(migrations.Migration):
    """Hand the table of usage logs over to the app `usage`, with its rows."""

    dependencies = [
        ("pricing", "0006_content_billed_as_input"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.AlterModelTable("usagelog", "usage_usagelog")],
            state_operations=[migrations.DeleteModel("UsageLog")],
        ),
    ]
