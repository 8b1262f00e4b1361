"""What a file really is: its declared type is believed only where its first bytes agree.

A browser runs what it takes for a page, so only pictures, sound and video are ever shown in place;
everything else is handed out as a download of no particular type.
"""

from __future__ import annotations

import re

DOWNLOAD = "application/octet-stream"
_ANY = ("", DOWNLOAD)
_CONTAINERS = ("mp4", "webm", "ogg")  # hold sound or video alike: the declared type says which
_STARTS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"\xff\xf3", "audio/mpeg"),
    (b"fLaC", "audio/flac"),
    (b"#!AMR", "audio/amr"),
    (b"\x1aE\xdf\xa3", "video/webm"),
)
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav"}


def sniff(content: bytes) -> str | None:
    """The type that the first bytes tell, or None for anything not shown in place."""
    for start, mime in _STARTS:
        if content.startswith(start):
            return mime
    if content[:4] == b"RIFF":
        return _RIFF.get(content[8:12])
    if content[4:8] == b"ftyp":
        brand = content[8:12]
        if brand in (b"heic", b"heix", b"mif1"):
            return "image/heic"
        return "audio/mp4" if brand.startswith(b"M4A") else "video/mp4"
    return None


def judge(content: bytes, declared: str, *, spoken: bool = False) -> tuple[str, str]:
    """The kind (see `storage.media.KINDS`) and the safe type of a file.

    spoken: it was recorded on the page, so sound is a voice message.
    """
    declared = declared.split(";")[0].strip().lower()
    family = declared.split("/")[0]
    found = sniff(content)
    if found is not None:
        found_family, name = found.split("/")
        if family in ("audio", "video") and name in _CONTAINERS:
            found, found_family = f"{family}/{name}", family
        if declared in _ANY or family == found_family:
            return _kind(found_family, spoken), found
    if not re.fullmatch(r"[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,60}", declared):
        declared = DOWNLOAD
    return "document", declared


def served_as(content: bytes, mime: str) -> str | None:
    """The type to show this file in place with, or None when it may only be downloaded."""
    kind, safe = judge(content, mime)
    return None if kind == "document" else safe


def _kind(family: str, spoken: bool) -> str:
    if family == "image":
        return "photo"
    if family == "audio":
        return "voice" if spoken else "audio"
    return "video"
