"""The staff console: pages under /staff, in which the clinic looks after patients and sees what the assistant said."""
