"""Every setting, read from the environment and `.env`; `.env.example` says what each is for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

TelegramLibrary = Literal["aiogram", "ptb"]
LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]


class Settings(BaseSettings):
    """What an operator may set. Every one has a default that a fresh machine can run with."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", env_ignore_empty=True)

    database_url: str = "sqlite:///data/jiamenkou.db"
    key_file: Path = Path("data/jiamenkou.key")
    media_dir: Path = Path("data/media")
    time_zone: str = "Asia/Shanghai"

    web_host: str = "127.0.0.1"
    web_port: int = Field(default=8365, ge=0, le=65535)
    status_port: int = Field(default=0, ge=0, le=65535)
    metrics_token: SecretStr = SecretStr("")
    web_demo: bool = False
    public_url: str = ""

    telegram_token: SecretStr = SecretStr("")
    telegram_library: TelegramLibrary = "aiogram"
    telegram_staff_token: SecretStr = SecretStr("")
    telegram_staff_library: TelegramLibrary = "aiogram"
    telegram_api_base: str = ""
    telegram_proxy: str = ""
    telegram_rate: float = Field(default=30.0, ge=0)
    webhook_url: str = ""
    webhook_secret: SecretStr = SecretStr("")

    invitation_days: int = Field(default=7, ge=1)
    log_level: Annotated[LogLevel, BeforeValidator(str.upper)] = "INFO"
