"""A small network from nothing, taught by larger ones place by place."""
