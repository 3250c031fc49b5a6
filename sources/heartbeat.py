"""Signs of life of beat and workers, in the database: web servers run on other machines, too."""

from django.db import connection

PATIENCE_SECONDS = 5


def note_heartbeat(name: str) -> None:
    """Note that `name` lives, by the database's clock. Raises django.db.Error.

    Over a connection of its own, with short limits: a database that hangs must not stop beat.
    """
    own = connection.copy()
    options = {key: value for key, value in own.settings_dict["OPTIONS"].items() if key != "pool"}
    own.settings_dict["OPTIONS"] = {
        **options,
        "connect_timeout": PATIENCE_SECONDS,
        "tcp_user_timeout": PATIENCE_SECONDS * 1000,
    }
    try:
        with own.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('statement_timeout', %s, false)", [f"{PATIENCE_SECONDS}s"]
            )
            cursor.execute(
                "INSERT INTO sources_heartbeat (name, at) VALUES (%s, now())"
                " ON CONFLICT (name) DO UPDATE SET at = now()",
                [name],
            )
    finally:
        own.close()
