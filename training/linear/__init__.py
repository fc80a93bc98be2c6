"""A linear map behind any installed model, learnt from products with several pictures."""
