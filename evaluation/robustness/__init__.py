"""S4's trials: what scores do when a picture is changed in a known way."""
