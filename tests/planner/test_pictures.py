"""Images from outside: whatever the model's service would refuse is caught here."""

from __future__ import annotations

import base64
import io

import pytest
from PIL import Image

from planner.tools.pictures import LONGEST_SIDE, picture


def drawn(size: tuple[int, int], kind: str = "PNG", mode: str = "RGB", *, frames: int = 1) -> str:
    body = io.BytesIO()
    images = [Image.effect_noise(size, 90.0 + n).convert(mode) for n in range(frames)]
    more = {"save_all": True, "append_images": images[1:]} if frames > 1 else {}
    images[0].save(body, kind, **more)
    return base64.b64encode(body.getvalue()).decode()


def of(data: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(data)))


KINDS = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "WEBP": "image/webp"}


@pytest.mark.parametrize(("kind", "media_type"), KINDS.items(), ids=KINDS)
def test_a_small_image_goes_as_it_is_under_its_real_type(kind: str, media_type: str) -> None:
    data = drawn((40, 30), kind)
    seen = picture(data)
    assert not isinstance(seen, str)
    made, note = seen
    assert (made.media_type, made.data, note) == (media_type, data, "")


SHRUNK = {
    "wide": ((3_136, 100), "RGB", ": shrunk from 3136 x 100 pixels to 1568 x 50"),
    "tall with an alpha channel": ((100, 3_136), "RGBA", ": shrunk from 100 x 3136 pixels to 50 x 1568"),
    "grey": ((2_000, 2_000), "L", ": shrunk from 2000 x 2000 pixels to 1568 x 1568"),
}


@pytest.mark.parametrize(("size", "mode", "note"), SHRUNK.values(), ids=SHRUNK)
def test_a_large_image_is_shrunk_and_that_is_said(size: tuple[int, int], mode: str, note: str) -> None:
    seen = picture(drawn(size, mode=mode))
    assert not isinstance(seen, str)
    made, said = seen
    assert said == note
    assert max(of(made.data).size) == LONGEST_SIDE
    assert len(made.data) < 5_000_000
    assert KINDS[str(of(made.data).format)] == made.media_type


def test_of_an_image_that_moves_the_first_frame_is_shown() -> None:
    seen = picture(drawn((40, 30), "GIF", "P", frames=3))
    assert not isinstance(seen, str)
    made, note = seen
    assert (made.media_type, note, of(made.data).size) == ("image/png", ": the first of several frames", (40, 30))


UNREADABLE = "it is no PNG, JPEG, GIF or WebP that can be read"
WHOLE = drawn((60, 60))
REFUSED = {
    "no base64": ("%%%", UNREADABLE),
    "nothing": ("", UNREADABLE),
    "text": (base64.b64encode(b"<svg xmlns='http://www.w3.org/2000/svg'/>").decode(), UNREADABLE),
    "half an image": (base64.b64encode(base64.b64decode(WHOLE)[: len(WHOLE) // 3]).decode(), UNREADABLE),
    "another kind of image": (drawn((10, 10), "BMP"), UNREADABLE),
    "too large": (base64.b64encode(bytes(9_100_000)).decode(), "it is larger than 9 MB"),
}


@pytest.mark.parametrize(("data", "why"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_image_that_can_be_shown_is_said(data: str, why: str) -> None:
    assert picture(data) == why


BOMBS = {"more pixels than anybody sees": (7_000, 7_000), "a bomb": (20_000, 20_000)}


@pytest.mark.parametrize("size", BOMBS.values(), ids=BOMBS)
def test_an_image_of_too_many_pixels_is_not_unpacked(size: tuple[int, int]) -> None:
    body = io.BytesIO()
    Image.new("1", size).save(body, "PNG")
    assert picture(base64.b64encode(body.getvalue()).decode()) == "it has more than 40 million pixels"
