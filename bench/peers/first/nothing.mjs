// Node with nothing to do.
