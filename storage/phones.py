"""Phone numbers: one form for however they are typed, and one for showing without giving away."""

from __future__ import annotations

import re
import unicodedata

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType

from storage.vault import Vault

HOTLINES = frozenset({"110", "119", "120", "122", "12315", "12345", "12348", "12356", "12393"})
"""Public service numbers that a directory may list and nobody owns."""

_PERSONAL = frozenset(
    {
        PhoneNumberType.MOBILE,
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.FIXED_LINE_OR_MOBILE,
    }
)
_BUSINESS = re.compile(r"(400|800)\d{7}|9[56]\d{3,4}|[2-8]\d{6,7}")
"""400 and 800 numbers, 95/96 service numbers, and landlines written without their area code."""


def normal_phone(text: str, *, services: bool = False) -> str | None:
    """The digits of a Chinese phone number, without +86; None when `text` is not one.

    Takes spaces, dashes, brackets, +86, 0086, full-width digits, and a spreadsheet's 138….0.
    services: also what a directory lists: hotlines, 400 numbers, local numbers without area code.
    """
    words = unicodedata.normalize("NFKC", text).strip()
    words = re.sub(r"\.0+$", "", words)
    if re.search(r"[^\d+\-\s()./·—–_]", words):
        return None
    plain = re.sub(r"[^\d+]", "", words)
    if services and (plain in HOTLINES or _BUSINESS.fullmatch(plain)):
        return plain
    try:
        number = phonenumbers.parse(plain, "CN")
    except NumberParseException:
        return None
    if number.country_code != 86 or not phonenumbers.is_valid_number(number):
        return None
    kind = phonenumbers.number_type(number)
    if kind not in _PERSONAL and not services:
        return None
    national = str(number.national_number)
    fixed = kind == PhoneNumberType.FIXED_LINE
    return f"0{national}" if fixed else national


def masked(phone: str) -> str:
    """A number that can be recognised but not called: 138****0000; hotlines as they are."""
    if phone in HOTLINES:
        return phone
    if len(phone) < 8:
        return phone[:1] + "****" + phone[-1:]
    return phone[:3] + "****" + phone[-4:]


def phone_digest(vault: Vault, phone: str) -> str:
    """The keyed hash a (normal) number is looked up by, in people and in households alike."""
    return vault.digest("phone", phone)


def first_number(text: str) -> str | None:
    """The first mobile number that stands in a sentence, plain; None where there is none."""
    found = _IN_A_SENTENCE.search(re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text)))
    return found.group() if found else None


_IN_A_SENTENCE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
