"""The bot. Before anything is imported: see below."""

import gc

# What is imported stays. Looking through it again and again, each time something was added to it,
# took a fifth of the start; `bot.app.lay_memory_aside` says what holds from then on.
gc.set_threshold(100_000, 50, 100)
