"""Points on the map: distance, and the shift that Chinese maps put on every point.

Points are (latitude, longitude) in degrees of WGS-84, which phones and Telegram speak. 高德 and
腾讯 maps show GCJ-02, some 300 to 700 m away; what an office reads off such a map is brought back
with `from_gcj`.
"""

from __future__ import annotations

from math import asin, cos, pi, radians, sin, sqrt

Point = tuple[float, float]

EARTH = 6_371_000.0
"""The mean radius of the Earth in metres."""
_AXIS, _FLATTENING = 6378245.0, 0.00669342162296594323
"""Krasovsky 1940, on which GCJ-02 is built: half the great axis, and the eccentricity squared."""
ROUNDS = 4
"""Steps back from GCJ-02; after two the error is below a centimetre."""


def metres(one: Point, other: Point) -> float:
    """How far two points are apart as the crow flies."""
    (lat_a, lon_a), (lat_b, lon_b) = one, other
    high = sin(radians(lat_b - lat_a) / 2) ** 2
    wide = sin(radians(lon_b - lon_a) / 2) ** 2
    share = high + cos(radians(lat_a)) * cos(radians(lat_b)) * wide
    return 2 * EARTH * asin(min(1.0, sqrt(share)))


def on_earth(point: Point) -> bool:
    """Whether there is such a point."""
    return -90 <= point[0] <= 90 and -180 <= point[1] <= 180


def to_gcj(point: Point) -> Point:
    """A point as a Chinese map shows it. The published formula, right within China only."""
    lat, lon = point
    x, y = lon - 105.0, lat - 35.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x))
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x))
    ripples = (20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)) * 2.0 / 3.0
    north += ripples + _waves(y, (20.0, 1.0), (40.0, 1 / 3), (160.0, 1 / 12), (320.0, 1 / 30))
    east += ripples + _waves(x, (20.0, 1.0), (40.0, 1 / 3), (150.0, 1 / 12), (300.0, 1 / 30))
    curve = 1 - _FLATTENING * sin(radians(lat)) ** 2
    north = north * 180.0 / (_AXIS * (1 - _FLATTENING) / (curve * sqrt(curve)) * pi)
    east = east * 180.0 / (_AXIS / sqrt(curve) * cos(radians(lat)) * pi)
    return lat + north, lon + east


def _waves(at: float, *waves: tuple[float, float]) -> float:
    return sum(height * sin(at * pi * often) for height, often in waves) * 2.0 / 3.0


def from_gcj(point: Point) -> Point:
    """The WGS-84 point that a Chinese map shows at `point`."""
    lat, lon = point
    for _ in range(ROUNDS):
        shown = to_gcj((lat, lon))
        lat, lon = lat + point[0] - shown[0], lon + point[1] - shown[1]
    return lat, lon
