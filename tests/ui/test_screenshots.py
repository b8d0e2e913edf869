"""How the pictures of the README are drawn."""

import pytest

from screenshots.__main__ import HERE, LIMIT, Drawing, NotDrawnError
from screenshots.pictures import PICTURES, Picture
from tests.needs import needs

pytestmark = needs("ssh")


def picture(name: str) -> Picture:
    return next(each for each in PICTURES if each.name == name)


def test_there_is_one_picture_for_each_file() -> None:
    assert sorted(each.name for each in PICTURES) == sorted(file.stem for file in HERE.glob("*.svg"))


async def test_a_picture_that_does_not_come_ends_at_its_limit_and_says_what_it_waited_for() -> None:
    hopeless = picture("now-healthy")._replace(scenario="label-typo", way=())
    with pytest.raises(
        NotDrawnError, match=r"^now-healthy was not drawn within 0.5 s: it waited for “may be misspelt”"
    ):
        await Drawing(hopeless).drawn(0.5)


async def test_a_picture_is_the_same_whatever_ports_were_free() -> None:
    drawn = await Drawing(picture("restart-80x24")).drawn(LIMIT)
    assert "127.0.0.1&#160;port&#160;40022" in drawn
    assert "restart-80x24-r1" in drawn
