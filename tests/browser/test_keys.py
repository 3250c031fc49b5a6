import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from catalog.models import Model
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


def test_j_and_k_move_by_rows_except_in_a_field(browser, live_server):
    sell(make_model("meta/llama", name="Llama"), make_provider("azure"), input="1")
    summarise()
    browser.get(f"{live_server.url}/?sort=name")
    at = "return document.activeElement.closest('tr')?.dataset.model ?? ''"
    moves = []
    for key in ("j", "j", "k"):
        press(browser, key)
        moves.append(browser.execute_script(at))
    assert moves == ["meta/llama", "openai/o4-mini", "meta/llama"]
    press(browser, "/", "j")
    assert focused(browser) == "q"
    assert browser.find_element(By.ID, "q").get_attribute("value") == "j"


def test_rows_of_the_provider_table_are_moved_by_too(browser, live_server):
    sell(Model.objects.get(), make_provider("azure"), input="2")
    summarise()
    browser.get(f"{live_server.url}/models/openai/o4-mini/")
    at = "return document.activeElement.closest('tr')?.dataset.provider"
    seen = []
    for key in ("j", "j", "k"):
        press(browser, key)
        seen.append(browser.execute_script(at))
    assert set(seen) == {"azure", "openai"}
    assert seen[0] == seen[2]


def test_a_question_mark_shows_the_keys_and_escape_closes_them(browser, live_server):
    browser.get(f"{live_server.url}/")
    press(browser, "j", "?")
    dialog = browser.find_element(By.ID, "keys")
    assert dialog.is_displayed()
    assert dialog.aria_role == "dialog"
    assert dialog.accessible_name == "Keys"
    press(browser, Keys.ESCAPE)
    assert not dialog.is_displayed()
    assert browser.switch_to.active_element.text == "o4-mini"


def test_single_keys_can_be_turned_off_and_on_again(browser, live_server):
    browser.get(f"{live_server.url}/providers/")
    try:
        press(browser, "?", Keys.SPACE, Keys.ESCAPE)
        press(browser, "/")
        assert focused(browser) != "q"
        browser.find_element(By.ID, "show-keys").click()
        press(browser, Keys.SPACE, Keys.ESCAPE, "/")
        assert focused(browser) == "q"
    finally:
        browser.execute_script("localStorage.clear()")
