from django.db import migrations


class Migration(migrations.Migration):
    """The table of the cache that counts attempts. A crash may empty it: it holds minutes."""

    dependencies = [("accounts", "0009_roles_of_teams")]
    operations = [
        migrations.RunSQL(
            """
            CREATE UNLOGGED TABLE accounts_attempts (
                cache_key varchar(255) PRIMARY KEY,
                value text NOT NULL,
                expires timestamptz NOT NULL
            );
            CREATE INDEX accounts_attempts_expires ON accounts_attempts (expires);
            """,
            "DROP TABLE accounts_attempts",
        )
    ]
