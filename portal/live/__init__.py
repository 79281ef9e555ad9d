"""Parts of pages that follow what happens: what is left of the budget, the demand board, what there is to do."""
