"""Starting the whole stack: the model, the three processes, and their supervisor."""
