"""What every page is made of. It knows HTTP, forms and tables, and no business word; the areas know both."""
