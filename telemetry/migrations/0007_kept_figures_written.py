from django.db import migrations

from catalog.version import note_writes


class Migration(migrations.Migration):
    dependencies = [("telemetry", "0006_prometheus"), ("catalog", "0008_written")]
    operations = [note_writes("telemetry_keptfigure", "live")]
