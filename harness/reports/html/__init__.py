"""The record as one HTML file with its charts. Imports Matplotlib, so it is imported when a report is written."""
