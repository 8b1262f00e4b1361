"""The rota of the sample county: who of its posts sits where and when."""

from __future__ import annotations

import tomllib
from typing import Any

from storage.names import DATA

Row = dict[str, Any]


def rota_of(posts: list[Row]) -> list[Row]:
    """The rows of the rota for who holds these posts, as storage/data/legal/sample.toml says."""
    content = tomllib.loads((DATA / "legal" / "sample.toml").read_text("utf-8"))
    return [
        {
            "area_id": post["area_id"],
            "person_id": post["person_id"],
            "duty": said["duty"],
            "title": said.get("title", ""),
            "weekday": weekday,
            "nth": 0,
            "month_day": said.get("month_day", 0),
            "day": "",
            "begins": said["begins"],
            "ends": said["ends"],
            "place": said["place"],
            "slot": said["slot"],
        }
        for said in content["rows"]
        for post in posts
        if post["role"] == said["role"]
        for weekday in said.get("weekdays", [-1])
    ]
