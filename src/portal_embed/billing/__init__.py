"""What is true, and what may change: facts, money and rules. Knows nothing of HTML or of the web framework."""
