"""Django's PostgreSQL backend, on a server that starts when something really connects."""

from typing import Any

from django.db.backends.postgresql import base
from django.db.utils import OperationalError

from config import embedded


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        try:
            embedded.ensure(self.settings_dict["HOME"])
        except embedded.Unavailable as error:
            raise OperationalError(str(error)) from error
        return super().get_new_connection(conn_params)
