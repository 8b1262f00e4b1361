"""Notices (通知): written once, sent to many, with a row for each who was to have it."""
