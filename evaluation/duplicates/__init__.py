"""The audit of a catalogue for copies of pictures, and how good it is at finding them."""
