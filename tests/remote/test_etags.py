"""What was read before is found again, and room is made for what is new."""

import pytest

from console.remote import etags
from console.remote.etags import Kept, SeenBefore, digest_of


def kept(tag: str, size: int = 10) -> Kept:
    return Kept(tag=tag, digest=digest_of(tag.encode()), size=size, fingerprint="a", value=object(), next_url=None)


def test_an_answer_is_found_by_how_and_where_it_was_asked() -> None:
    seen = SeenBefore()
    one = kept('W/"1"')
    seen.keep("GET", "https://x/1", "json", one)
    assert seen.find("GET", "https://x/1", "json") is one
    assert seen.find("GET", "https://x/1", "html") is None
    assert seen.find("GET", "https://x/2", "json") is None


def test_the_longest_unused_makes_room_by_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(etags, "MOST_PAGES", 2)
    seen = SeenBefore()
    for url in ("1", "2"):
        seen.keep("GET", url, "", kept(url))
    seen.find("GET", "1", "")
    seen.keep("GET", "3", "", kept("3"))
    assert [seen.find("GET", url, "") is not None for url in ("1", "2", "3")] == [True, False, True]


def test_the_longest_unused_makes_room_by_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(etags, "MOST_BYTES", 100)
    seen = SeenBefore()
    for _ in range(20):
        seen.keep("GET", "1", "", kept("1", size=40))
    seen.keep("GET", "2", "", kept("2", size=50))
    assert seen.find("GET", "1", "") is not None
    seen.keep("GET", "3", "", kept("3", size=30))
    assert [seen.find("GET", url, "") is not None for url in ("1", "2", "3")] == [True, False, True]
