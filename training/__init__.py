"""Make it better: learns from a shop's own products what its customers would call alike."""
