"""Records of verdicts, and what is rendered from them."""
