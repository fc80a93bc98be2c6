"""Where pictures and their labels come from: a CSV, a CSV of pairs, folders, a collection."""
