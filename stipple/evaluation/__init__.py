"""Cases that say what the assistant must understand, and the runner that checks them on the whole stack."""
