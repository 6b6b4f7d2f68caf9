"""Superset for `make dashboards`: on loopback, everything that it keeps below target/superset."""

import json
import os
import pathlib

HOME = pathlib.Path(os.environ["SUPERSET_HOME"])

SECRET_KEY = (HOME / "secret").read_text(encoding="utf-8")
SQLALCHEMY_DATABASE_URI = f"sqlite:///{HOME}/superset.db"
LANGUAGES = {"en": {"flag": "us", "name": "English"}, "zh": {"flag": "cn", "name": "中文"}}
# Every chart of a dashboard is drawn, not only those on the screen: for printing, and for the suite.
FEATURE_FLAGS = {"DASHBOARD_VIRTUALIZATION": False}
EXTRA_CATEGORICAL_COLOR_SCHEMES = [{
    "id": "tiering", "label": "Tiers", "description": "One colour a tier, by rank", "isDefault": False,
    "colors": json.loads((pathlib.Path(__file__).parent / "export" / "colours.json").read_text(encoding="utf-8")),
}]
# Five minutes, or until somebody asks for fresh figures.
DATA_CACHE_CONFIG = {"CACHE_TYPE": "FileSystemCache", "CACHE_DIR": str(HOME / "cache"), "CACHE_DEFAULT_TIMEOUT": 300}
FILTER_STATE_CACHE_CONFIG = {"CACHE_TYPE": "FileSystemCache", "CACHE_DIR": str(HOME / "filters"), "CACHE_DEFAULT_TIMEOUT": 86400}
EXPLORE_FORM_DATA_CACHE_CONFIG = FILTER_STATE_CACHE_CONFIG
RATELIMIT_ENABLED = False
SUPERSET_WEBSERVER_TIMEOUT = 120
