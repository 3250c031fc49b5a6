"""Images of a prompt: held in memory, up to a size, and never on a disk."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

MOST_BYTES = 5 * 2**20
# By the first bytes, whatever the name says. SVG is a program, and none of them.
_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
# Stands for an image of any size: all count alike in what a call can cost.
ANY_IMAGE = b"GIF89a"


class ImageUploadHandler(FileUploadHandler):
    """Keeps one byte more than is allowed, so that the form can say so."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._content = bytearray()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._content += raw_data[: MOST_BYTES + 1 - len(self._content)]

    def file_complete(self, file_size: int) -> UploadedFile | None:
        if not file_size:
            return None
        return SimpleUploadedFile("image", bytes(self._content))


def image_type(content: bytes) -> str:
    """The type of a PNG, JPEG, GIF or WebP, "" of anything else."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((mime for start, mime in _SIGNATURES if content.startswith(start)), "")
