"""Values of many clips in few bytes, where objects of Python would take a hundred each.

What is taken out of a column is made when it is asked for. ``column``: what all of them can;
``strings``: texts in one buffer, found by what they are; ``values``: words of which few differ,
numbers, anything; ``named``: a mapping from text.
"""
