"""What the operator sees: the only code that knows Textual."""
