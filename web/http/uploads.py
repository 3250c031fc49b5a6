"""Bounded uploads: to disk, at the one address that takes a file, up to a size."""

from contextlib import suppress
from typing import Any, NoReturn

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler
from django.http import HttpRequest

from usage import uploads

# The one address that takes a file.
TAKES_FILES = "/estimate/usage/"
TOO_LARGE = f"The file is larger than the {settings.UPLOAD_MB:,} MB that are taken here."
NO_SPACE = "The disk of the server has no space for this file: please try again later."
UNWANTED = "No file is taken at this address."
# Where a request notes why its file was not taken.
REFUSED = "ratecard.upload_refused"


class BoundedUploadHandler(TemporaryFileUploadHandler):
    """Stream a file to disk; refuse it at any other address, and when it grows too large."""

    request: HttpRequest

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        if self.request.path_info != TAKES_FILES:
            self._refuse(UNWANTED)
        try:
            super().new_file(*args, **kwargs)
        except OSError:
            self._refuse(NO_SPACE)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start + len(raw_data) > settings.MOST_UPLOADED:
            self._refuse(TOO_LARGE)
        if not uploads.has_space(len(raw_data)):  # others may have arrived since this one began
            self._give_up()
        try:
            super().receive_data_chunk(raw_data, start)
        except OSError:
            self._give_up()

    def file_complete(self, file_size: int) -> UploadedFile | None:
        try:
            return super().file_complete(file_size)
        except OSError:
            self._give_up()

    def _give_up(self) -> NoReturn:
        """Refuse in the middle: closing the file may write, and fail."""
        with suppress(OSError):
            self.file.close()
        self._refuse(NO_SPACE)

    def _refuse(self, why: str) -> NoReturn:
        self.request.META[REFUSED] = why
        raise StopUpload(connection_reset=True)
