from datetime import UTC, datetime

import pytest
from selenium.webdriver.common.by import By

from sources.logos.sprite import forget_sprite, keep, sanitised
from tests.browser.waiting import waiting
from tests.factories import make_model, make_provider, sell, summarise
from tests.sources.logos.test_drawing import svg

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def folder(tmp_path, settings):
    settings.LOGO_FOLDERS = (tmp_path,)
    yield tmp_path
    forget_sprite()


def test_a_logo_is_drawn_under_the_policy_of_the_page(browser, live_server, folder):
    sell(make_model("openai/o4-mini"), make_provider("openai", name="OpenAI"), input="1")
    summarise()
    files = {"creators": {"openai": svg('<rect width="16" height="8"/>')}}
    at = datetime(2026, 11, 30, tzinfo=UTC)
    keep("lobe", sanitised(files)[0], version="1", at=at, folder=folder)
    forget_sprite()
    browser.get(f"{live_server.url}/")
    use = browser.find_element(By.CSS_SELECTOR, "#models .mark.logo use")
    # A reference that is blocked or missing draws a box without a size.
    box = "const box = arguments[0].getBBox(); return box.width / box.height"
    assert waiting(browser, 5).until(lambda _: browser.execute_script(box, use)) == 2
