from django.db import migrations

from catalog.version import note_writes

TABLES = ("privateprovider", "privateendpoint", "privaterate")


class Migration(migrations.Migration):
    dependencies = [("agreements", "0001_initial"), ("catalog", "0008_written")]
    operations = [note_writes(f"agreements_{table}", "agreements") for table in TABLES]
