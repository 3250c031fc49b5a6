"""Waiting for a page that changes meanwhile."""

from typing import Any

from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver import Chrome
from selenium.webdriver.remote.errorhandler import ErrorHandler
from selenium.webdriver.support.ui import WebDriverWait


class StaleErrorHandler(ErrorHandler):
    """Chromedriver's second wording for an element of a page that was left is the same error."""

    def check_response(self, response: dict[str, Any]) -> None:
        try:
            super().check_response(response)
        except WebDriverException as error:
            if "does not belong to the document" in (error.msg or ""):
                raise StaleElementReferenceException(error.msg) from error
            raise


def waiting(browser: Chrome, seconds: float = 20) -> WebDriverWait:
    """A wait during which elements may be replaced: the condition is tried again."""
    return WebDriverWait(
        browser, seconds, 0.05, ignored_exceptions=[StaleElementReferenceException]
    )
