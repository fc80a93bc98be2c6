"""What Likeness costs against what decoding and the model alone would: `make bench`.

Everything is measured in one run on one machine and reported as ratios; no test asserts a time.
"""
