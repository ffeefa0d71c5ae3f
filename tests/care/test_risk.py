"""Risk factors raise what is already out of its normal days, and nothing else."""

import pytest

from stipple.care.risk import RAISES, RISK_FACTORS, raising_risk
from stipple.content.pack import Pack
from tests.fixtures import pack

__all__ = ["pack"]


@pytest.mark.parametrize(
    ("sign", "urgency", "risks", "raised"),
    [
        ("redness", "clinic", ["diabetes"], "diabetes"),
        ("redness", "clinic", ["weak_immunity"], "weak_immunity"),
        ("redness", "clinic", ["blood_thinners"], None),
        ("torn_scab", "clinic", ["blood_thinners"], "blood_thinners"),
        ("torn_scab", "clinic", [], None),
        ("redness", "normal", ["diabetes"], None),
        ("late_change", "doctor", ["diabetes"], None),
        ("fading", "clinic", list(RISK_FACTORS), None),
    ],
)
def test_which_signs_a_risk_factor_raises(sign: str, urgency: str, risks: list[str], raised: str | None) -> None:
    assert raising_risk(sign, urgency, risks) == raised


def test_every_sign_that_is_raised_exists_and_every_factor_has_its_sentence(pack: Pack) -> None:
    assert set().union(*RAISES.values()) <= pack.signs.keys()
    assert {f"risk_{risk}" for risk in RISK_FACTORS} <= pack.replies.keys()
