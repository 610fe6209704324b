"""Dissection: what one net answers to the images that another one would see most of all (Gu & Tresp 2019, section 3)."""
