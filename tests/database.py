from urllib.parse import quote

from django.db import connection


def database_address() -> str:
    """The address of the tests' current database, for DATABASE_URL."""
    known = connection.settings_dict
    host, account = quote(str(known["HOST"]), safe=""), quote(str(known["USER"]))
    password = f":{quote(str(known['PASSWORD']), safe='')}" if known.get("PASSWORD") else ""
    return f"postgresql://{account}{password}@{host}:{known['PORT']}/{known['NAME']}"
