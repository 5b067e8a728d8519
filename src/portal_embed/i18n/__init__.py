"""In which words: translations, and amounts and dates as the customer's locale writes them."""
