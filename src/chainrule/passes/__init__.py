"""Graph -> Graph, one pass a file, each a pure function; tested with ``check_graph`` after each."""
