from django.db import migrations

from catalog.version import note_writes


class Migration(migrations.Migration):
    dependencies = [("telemetry", "0001_initial"), ("catalog", "0008_written")]
    operations = [note_writes("telemetry_liverow", "live")]
