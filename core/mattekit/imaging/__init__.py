"""What several steps do with samples, one rule for each. Knows arrays and no options."""
