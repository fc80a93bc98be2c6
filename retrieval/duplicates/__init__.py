"""Which pictures of a catalogue are copies of one another, and which products share them."""
