"""The rival: aiogram's own dispatcher, which stores nothing. It imports nothing of this project."""

from __future__ import annotations

from aiogram import Dispatcher
from aiogram.types import CallbackQuery, Message


def echo_dispatcher() -> Dispatcher:
    """aiogram's dispatcher with nothing but an echo."""
    dispatcher = Dispatcher(disable_fsm=True)

    @dispatcher.message()
    async def echo(message: Message) -> None:
        await message.answer(message.text or "")

    @dispatcher.callback_query()
    async def press(query: CallbackQuery) -> None:
        assert query.message is not None
        await query.answer()
        await query.message.answer(query.data or "")

    return dispatcher
