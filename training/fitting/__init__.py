"""The loop: batches to gradients to better weights, stopped and taken up again at any step."""
