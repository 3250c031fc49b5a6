"""Files that visitors send: straight to the disk, where they are wanted, and no more than is allowed."""

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler
from django.http import HttpRequest

# The one address that takes a file.
TAKES_FILES = "/estimate/usage/"


class BoundedUploadHandler(TemporaryFileUploadHandler):
    """Writes a file to the disk as it comes, and stops reading where it is not wanted or grows too large."""

    request: HttpRequest

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        length = self.request.META.get("CONTENT_LENGTH") or "0"
        if self.request.path != TAKES_FILES or int(length) > settings.MOST_UPLOADED + 100_000:
            self._refuse()
        super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start + len(raw_data) > settings.MOST_UPLOADED:
            self._refuse()
        super().receive_data_chunk(raw_data, start)

    def _refuse(self) -> None:
        self.request.META[REFUSED] = True
        raise StopUpload(connection_reset=True)


# Where a request notes that its file was not taken.
REFUSED = "ratecard.upload_refused"
