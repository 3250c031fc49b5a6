from django.db import migrations

from catalog.version import note_writes

TABLES = ("pricing_rate", "pricing_lowestrate", "pricing_lowestofall")


class Migration(migrations.Migration):
    dependencies = [("pricing", "0007_usage_logs_leave"), ("catalog", "0008_written")]
    operations = [*map(note_writes, TABLES)]
