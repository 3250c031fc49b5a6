from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0002_vocabulary"),
        ("pricing", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="rate",
            name="rate_amount_fits_its_state",
        ),
        migrations.AddConstraint(
            model_name="rate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("amount__gt", 0), ("amount__isnull", False), ("state", "priced")),
                    models.Q(("amount", 0), ("amount__isnull", False), ("state", "free")),
                    models.Q(
                        models.Q(("state__in", ("priced", "free")), _negated=True),
                        ("amount__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="rate_amount_fits_its_state",
            ),
        ),
    ]
