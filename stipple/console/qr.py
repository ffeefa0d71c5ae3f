"""Addresses as pictures that a phone reads."""

import segno
from markupsafe import Markup


def qr_code(address: str) -> Markup:
    """The address as a picture of dots, on a white ground in every colour scheme."""
    drawn = segno.make(address, error="m", micro=False).svg_inline(scale=4, light="#fff", dark="#000", omitsize=True)
    return Markup(drawn)  # noqa: S704
