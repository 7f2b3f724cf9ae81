"""One moment of the page as a file: which answers it needs, and how it holds them."""
