"""Mathematics as people write it: expressions, and graphs in them, as text and LaTeX."""
