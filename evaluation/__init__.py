"""How good is it? Measures retrieval on anyone's own pictures, with intervals."""
