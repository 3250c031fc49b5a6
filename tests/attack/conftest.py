"""The attack suite in miniature: static files and page cache as in the tests of pages."""

import os

import pytest

from attack.instance import Instance
from attack.mirror import mirroring
from tests.factories import make_endpoint, make_model, make_provider, make_rate, make_source
from tests.web.conftest import empty_cache, plain_static_files, static_folder  # noqa: F401
from web.http.content_types import readable_types


@pytest.fixture
def instance(live_server, tmp_path):
    """This process in place of a whole site, with one price of models.dev."""
    provider, model = make_provider("azure"), make_model("openai/o4-mini")
    make_rate(make_endpoint(model, provider), "input", "1.1", source=make_source("models-dev"))
    port = int(live_server.url.rpartition(":")[2])
    server = live_server.thread.httpd
    bare = server.get_app()
    server.set_app(readable_types(bare))  # as config.wsgi does
    with mirroring() as mirror:
        yield Instance(tmp_path, port, os.getpid(), tmp_path / "run.log", mirror)
    server.set_app(bare)
