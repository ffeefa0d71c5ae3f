"""Risk factors: what makes a healing sign more serious in one patient than in another."""

from collections.abc import Collection

from stipple.care.levels import needs_doctor

# In skin that heals slowly or fights germs badly these signs are a doctor's matter once they are out of their normal
# days (NHS page on cellulitis: with diabetes, chemotherapy or weak immunity any sign of infection, the same day).
INFECTION_SIGNS = frozenset(
    [
        "redness", "swelling", "soreness", "clear_fluid", "scabs",
        "pimples", "lump", "torn_scab", "rule_broken", "sunburn",
    ]
)  # fmt: skip
# General knowledge, no published source: blood that clots badly makes a small bleed a longer one.
BLEEDING_SIGNS = frozenset(["torn_scab", "clear_fluid", "bruise"])
RAISES = {"diabetes": INFECTION_SIGNS, "weak_immunity": INFECTION_SIGNS, "blood_thinners": BLEEDING_SIGNS}
RISK_FACTORS = tuple(RAISES)


def raising_risk(sign: str, urgency: str, risks: Collection[str]) -> str | None:
    """The first of ``risks`` that makes ``sign`` a doctor's matter though its urgency is the clinic's; else None."""
    if urgency == "normal" or needs_doctor(urgency):
        return None
    return next((risk for risk in risks if sign in RAISES[risk]), None)
