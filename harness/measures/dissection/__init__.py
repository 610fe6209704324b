"""Dissection: what a net answers to the images that another answers to most strongly (Gu & Tresp 2019, section 3)."""
