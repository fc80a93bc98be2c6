"""What there was before learnt models, and beside them: the baselines of S1, S3 and S4."""
