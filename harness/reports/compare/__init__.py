"""Records of several versions set side by side: read, compared, and rendered from the comparison."""
