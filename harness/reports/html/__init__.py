"""The record as one HTML file with its charts. Imports jinja2 and Matplotlib, and is imported when a report is written."""
