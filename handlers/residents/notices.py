"""What a resident does with a notice: 我看过了 (已阅)."""

from __future__ import annotations

from handlers.registry import action
from handlers.talk import Talk
from storage.notices import ledger


@action("acknowledge")
def acknowledge(talk: Talk, notice: int) -> None:
    """Somebody of the household has seen it; once for each household."""
    receipt = ledger.receipt_of(talk.session, notice, talk.person)
    if receipt is None:
        talk.say("notice/not_for_you")
    elif ledger.acknowledge(talk.session, receipt, talk.now):
        talk.say("notice/acknowledged")
    else:
        talk.say("notice/acknowledged_already")
