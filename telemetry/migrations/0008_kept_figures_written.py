from django.db import migrations

from catalog.version import note_writes


class Migration(migrations.Migration):
    dependencies = [("telemetry", "0007_charts_read_the_key_alone"), ("catalog", "0008_written")]
    operations = [note_writes("telemetry_keptfigure", "live")]
