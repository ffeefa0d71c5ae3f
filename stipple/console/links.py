"""The way to one message of a conversation."""

# How much of a conversation is shown before the message that a link leads to.
LEAD_IN = 20


def start_before(sequence: int) -> int:
    """Where the page of a conversation begins that shows the message with this sequence number."""
    return max(1, sequence - LEAD_IN)
