"""Which loss, which form of network, which distance: trained and measured alike, in one table."""
