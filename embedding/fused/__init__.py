"""Fused models: several descriptions of a picture in one vector, whose balance can be changed when
searching."""
