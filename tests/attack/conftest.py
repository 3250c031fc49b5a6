"""The attack suite in miniature: static files and page cache as in the tests of pages."""

from tests.web.conftest import empty_cache, plain_static_files, static_folder  # noqa: F401
