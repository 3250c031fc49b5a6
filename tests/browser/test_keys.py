import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.factories import make_model, make_provider, sell, summarise

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def one_model():
    sell(make_model(), make_provider("openai"), input="1.10")
    summarise()


def press(browser, *keys):
    ActionChains(browser).send_keys(*keys).perform()


def focused(browser):
    return browser.switch_to.active_element.get_attribute("id")


@pytest.mark.parametrize(
    "path", ["/", "/models/openai/o4-mini/", "/providers/", "/providers/openai/"]
)
def test_a_slash_goes_to_the_search(browser, live_server, path):
    browser.get(f"{live_server.url}{path}")
    assert focused(browser) != "q"
    press(browser, "/")
    assert focused(browser) == "q"
    assert browser.find_element(By.ID, "q").get_attribute("value") == ""


def test_a_slash_in_a_field_is_a_slash(browser, live_server):
    browser.get(f"{live_server.url}/providers/openai/")
    browser.find_element(By.ID, "within-q").send_keys("a/b")
    assert focused(browser) == "within-q"
    assert browser.find_element(By.ID, "within-q").get_attribute("value") == "a/b"


def test_a_search_that_is_there_is_marked_to_be_typed_over(browser, live_server):
    browser.get(f"{live_server.url}/providers/?q=azure")
    press(browser, "/")
    press(browser, "x")
    assert browser.find_element(By.ID, "q").get_attribute("value") == "x"


@pytest.mark.parametrize("modifier", [Keys.CONTROL, Keys.ALT, Keys.META])
def test_a_slash_with_another_key_stays_the_browsers(browser, live_server, modifier):
    browser.get(f"{live_server.url}/")
    ActionChains(browser).key_down(modifier).send_keys("/").key_up(modifier).perform()
    assert focused(browser) != "q"


def test_the_find_key_stays_the_browsers(browser, live_server):
    browser.get(f"{live_server.url}/")
    browser.execute_script(
        "addEventListener('keydown', e => { window.kept = !e.defaultPrevented })"
    )
    ActionChains(browser).key_down(Keys.CONTROL).send_keys("f").key_up(Keys.CONTROL).perform()
    assert browser.execute_script("return window.kept") is True
    assert focused(browser) != "q"


def test_every_stop_of_the_tab_key_can_be_seen(browser, live_server):
    browser.get(f"{live_server.url}/providers/openai/")
    outlined = """
        const at = document.activeElement, box = at.closest('.search') ?? at;
        return [at, box].some(each => getComputedStyle(each).outlineStyle !== 'none'
                                      && getComputedStyle(each).outlineWidth !== '0px');
    """
    seen = []
    for _ in range(60):
        press(browser, Keys.TAB)
        at = browser.switch_to.active_element
        if at.tag_name == "body":
            break
        seen.append(
            (at.tag_name, at.get_attribute("id") or at.text, browser.execute_script(outlined))
        )
    assert len(seen) > 10
    assert [stop for stop in seen if not stop[2]] == []
