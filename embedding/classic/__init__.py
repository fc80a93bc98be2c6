"""The classic embedder: pictures to vectors by colour and texture alone, with no weights (S1)."""

from embedding.classic.descriptor import ClassicParameters
from embedding.classic.embedder import ClassicEmbedder

__all__ = ["ClassicEmbedder", "ClassicParameters"]
