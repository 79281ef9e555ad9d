"""A contract as everybody sees it who may: one list, one page, each with the acts that are his."""
