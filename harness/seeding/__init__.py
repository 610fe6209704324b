"""Tests of anything that takes a seed and returns a number, judged over as many seeds as it takes."""
