"""Light adapters of frozen vectors: reductions, and a similarity learnt from judgements online."""
