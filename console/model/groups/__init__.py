"""The list of groups: the filters that researchers ask for, over numbers alone."""
