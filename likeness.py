"""Visual search for shop catalogues: the one command line."""
