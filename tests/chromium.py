"""Finding the browser that the page's tests drive."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def find_chromium() -> str | None:
    """The path of a Chromium: named by CHROMIUM, on the PATH, or in Playwright's own folder."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named
    for name in NAMES:
        if found := shutil.which(name):
            return found
    kept = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    folders = [Path(kept)] if kept else [Path.home() / ".cache" / "ms-playwright"]
    for folder in folders:
        for found in sorted(folder.glob("chromium*/chrome-linux*/*"), reverse=True):
            if found.name in ("chrome", "headless_shell") and os.access(found, os.X_OK):
                return str(found)
    return None
