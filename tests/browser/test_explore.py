import base64

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from tests.factories import make_model, make_provider, make_rating, sell, summarise
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

OVERLAPS = """
return [...document.querySelectorAll('.drawing > svg')].flatMap((svg) => {
  const boxes = [...svg.querySelectorAll('a text')].map((text) => text.getBoundingClientRect());
  return boxes.flatMap((one, n) => boxes.slice(0, n).filter((other) =>
    one.width && one.left < other.right - 1 && other.left < one.right - 1
    && one.top < other.bottom - 4 && other.top < one.bottom - 4));
}).length
"""


@pytest.fixture(autouse=True)
def catalog():
    """Three on the frontier and 60 below it, close to each other."""
    best = [("a/cheap", "1", "1300"), ("a/middle", "3", "1450"), ("b/dear", "9", "1500")]
    crowd = [(f"c/m{n}", f"{2 + n % 7}.{n}", f"{1200 + 3 * n}") for n in range(60)]
    for slug, price, rating in (*best, *crowd):
        creator, _, name = slug.partition("/")
        model = make_model(slug, name=f"Model {name.title()}", open_weights=creator == "a")
        provider = make_provider(creator, kind="first-party", creator=model.creator)
        sell(model, provider, input=price, output=price)
        make_rating(model, f"{rating}.0")
    make_rating(model, "1111.0", category="coding")
    summarise()


def tip(browser):
    return browser.find_element(By.ID, "tip")


def text(browser, ident):
    """At once, for a swap may take an element away between two questions about it."""
    return browser.execute_script(
        "return document.getElementById(arguments[0])?.textContent", ident
    )


def focused(browser):
    return browser.execute_script("return document.activeElement.getAttribute('aria-label')")


@pytest.mark.parametrize(("page", "ident"), [("explore", "creator"), ("estimate", "w-creator")])
def test_a_long_select_loads_its_options_when_it_is_reached(browser, live_server, page, ident):
    browser.get(f"{live_server.url}/{page}/?creator=a&all=1")
    if page == "estimate":
        browser.find_element(By.CSS_SELECTOR, "#narrowing summary").click()
    element = browser.find_element(By.ID, ident)
    select = Select(element)
    assert [option.get_attribute("value") for option in select.options] == ["", "a"]
    browser.execute_script("document.getElementById(arguments[0]).focus()", ident)
    wait_until(lambda: element.get_attribute("data-options") is None)
    assert select.first_selected_option.get_attribute("value") == "a"
    element.send_keys("B")
    wait_until(lambda: "creator=b" in browser.current_url)
    chosen = f"return document.getElementById('{ident}').value"
    assert browser.execute_script(chosen) == "b"


@pytest.mark.parametrize("width", [1300, 360])
def test_names_do_not_overlap_as_they_are_drawn(browser, live_server, width):
    browser.set_window_size(width, 900)
    browser.get(f"{live_server.url}/explore/")
    assert browser.execute_script(OVERLAPS) == 0
    drawn = browser.find_elements(By.CSS_SELECTOR, ".drawing > svg")
    assert [svg.is_displayed() for svg in drawn].count(True) == 1
    assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth")


def test_hover_and_arrow_keys_tell_of_a_point_and_light_its_row(browser, live_server):
    browser.get(f"{live_server.url}/explore/")
    point = browser.find_element(By.CSS_SELECTOR, ".wide a[href='/models/b/dear/'] .point")
    ActionChains(browser).move_to_element(point).perform()
    wait_until(lambda: tip(browser).is_displayed())
    assert tip(browser).text.splitlines() == [
        "Model Dear",
        "$9.00 per million tokens at B",
        "Rated 1500.0 (1495.0 to 1505.0), 12,345 votes",
    ]
    lit = browser.find_element(By.CSS_SELECTOR, "tr.lit")
    assert lit.get_attribute("data-model") == "b/dear"
    # One stop for the whole drawing, and the arrows from there.
    stops = browser.find_elements(By.CSS_SELECTOR, ".wide a[tabindex='0']")
    assert len(stops) == 1
    browser.execute_script("arguments[0].focus()", stops[0])
    ActionChains(browser).send_keys(Keys.HOME).perform()
    assert focused(browser).startswith("Model Cheap, $1.00 per million tokens at A, Rated 1300.0")
    assert "Model Cheap" in tip(browser).text
    ActionChains(browser).send_keys(Keys.END, Keys.ARROW_RIGHT).perform()
    assert focused(browser).startswith("Model Dear")
    ActionChains(browser).send_keys(Keys.ESCAPE).perform()
    assert not tip(browser).is_displayed()


def test_a_choice_changes_the_drawing_and_the_address_and_back_works(browser, live_server):
    browser.get(f"{live_server.url}/explore/")
    Select(browser.find_element(By.ID, "board")).select_by_visible_text("Coding")
    wait_until(lambda: browser.current_url.endswith("/explore/?board=coding"))
    wait_until(lambda: "1 model with" in text(browser, "count"))
    wait_until(lambda: "1 model with" in text(browser, "said"))
    browser.execute_script("document.getElementById('by-price').click()")
    wait_until(lambda: browser.current_url.endswith("?sort=price&board=coding"))
    sorted_by_price = (
        "return !!document.getElementById('by-price')?.closest('th').getAttribute('aria-sort')"
    )
    wait_until(lambda: browser.execute_script(sorted_by_price))
    browser.back()
    wait_until(lambda: not browser.execute_script(sorted_by_price))
    assert browser.current_url.endswith("/explore/?board=coding")
    assert "1 model with" in text(browser, "count")
    assert not browser.find_elements(By.CSS_SELECTOR, ".drawing title")
    assert [entry for entry in browser.get_log("browser") if "Content Security" in str(entry)] == []


def test_the_png_is_the_drawing_in_the_theme_that_shows(browser, live_server):
    browser.get(f"{live_server.url}/explore/?creator=a")
    browser.execute_script(
        """
        URL.createObjectURL = ((blob) => {
          const reader = new FileReader();
          reader.onload = () => { window.png = reader.result; };
          reader.readAsDataURL(blob);
          return "#saved";
        });
        HTMLAnchorElement.prototype.click = function click() { window.saved = this.download; };
        """
    )
    browser.find_element(By.ID, "theme").click()
    browser.find_element(By.ID, "png").click()
    wait_until(lambda: browser.execute_script("return window.png && window.saved"))
    assert browser.execute_script("return window.saved") == "ratecard-price-against-rating.png"
    image = base64.b64decode(browser.execute_script("return window.png").partition(",")[2])
    assert image.startswith(b"\x89PNG")
    assert (int.from_bytes(image[16:20]), int.from_bytes(image[20:24])) == (2400, 1350)
    corner = browser.execute_async_script(
        """
        const done = arguments[arguments.length - 1];
        const image = new Image();
        image.onload = () => {
          const canvas = document.createElement("canvas").getContext("2d");
          canvas.drawImage(image, 0, 0);
          done([...canvas.getImageData(1, 1, 1, 1).data]);
        };
        image.src = window.png;
        """
    )
    assert corner == [11, 12, 15, 255]


def test_without_scripts_the_forms_and_the_table_do_the_same(browser_without_scripts, live_server):
    browser = browser_without_scripts
    browser.get(f"{live_server.url}/explore/")
    assert not browser.find_element(By.ID, "png").is_displayed()
    Select(browser.find_element(By.ID, "x")).select_by_visible_text("Output")
    browser.find_element(By.CSS_SELECTOR, ".axes .button").click()
    wait_until(lambda: "x=output" in browser.current_url)
    assert "Output price against rating" in browser.find_element(By.ID, "drawing-title").text
    row = browser.find_element(By.CSS_SELECTOR, "#explored tr[data-model='a/cheap'] a")
    assert row.get_attribute("href").endswith("/models/a/cheap/")
