"""Gu & Tresp 2019: Neural Network Memorization Dissection."""
