"""A learnt linear map behind a model, which makes its vectors tell a shop's own products apart."""
