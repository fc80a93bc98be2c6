"""One HTML file that shows what an evaluation found, pictures and plots included."""
