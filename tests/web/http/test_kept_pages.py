from threading import Thread

from hypothesis import given
from hypothesis import strategies as st

from web.http.kept_pages import LARGEST, OVERHEAD, KeptPages, StoredPage


def page(size: int) -> StoredPage:
    """A page that takes `size` bytes with its overhead."""
    return StoredPage(b"x" * (size - OVERHEAD), (("Content-Type", "text/html"),))


def test_the_page_that_was_not_read_for_longest_goes_first():
    pages = KeptPages(3 * 2000)
    for key in "abc":
        pages.keep(key, page(2000))
    assert pages.get("a")
    pages.keep("d", page(2000))
    assert [key for key in "abcd" if pages.get(key)] == ["a", "c", "d"]
    pages.keep("e", page(4000))  # in the place of two
    assert [key for key in "abcde" if pages.get(key)] == ["d", "e"]
    pages.clear()
    assert (pages.size, pages.get("e")) == (0, None)


def test_no_page_above_the_largest_is_kept():
    pages = KeptPages(10 * LARGEST)
    for key, size in (("at", LARGEST), ("above", LARGEST + 1)):
        pages.keep(key, StoredPage(b"x" * size, ()))
    assert pages.get("at") and not pages.get("above")


def test_without_room_nothing_is_kept():
    pages = KeptPages(0)
    pages.keep("a", StoredPage(b"", ()))
    assert (pages.get("a"), pages.size) == (None, 0)


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(OVERHEAD, 3000))))
def test_what_is_kept_never_exceeds_the_bound(kept):
    pages = KeptPages(10_000)
    for key, size in kept:
        pages.keep(key, page(size))
        assert pages.get(key) == page(size)
        assert pages.size == sum(p.size for k in "abcdefgh" if (p := pages.get(k))) <= 10_000


def test_threads_share_the_bound():
    pages = KeptPages(20_000)

    def keep_and_read(thread: int) -> None:
        for n in range(2000):
            pages.keep(f"{thread * n % 50}", page(1500 + n % 3))
            pages.get(f"{n % 50}")

    threads = [Thread(target=keep_and_read, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert pages.size == sum(p.size for n in range(50) if (p := pages.get(f"{n}"))) <= 20_000
