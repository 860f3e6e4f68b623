"""Pages of the documentation as functions of the code."""
