from django.db import migrations

from catalog.version import note_writes


class Migration(migrations.Migration):
    dependencies = [("sources", "0010_earlier_claims"), ("catalog", "0008_written")]

    operations = [note_writes("sources_refresh", "refreshes")]
