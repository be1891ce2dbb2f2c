"""From a signal to a picture, and pictures on disk.

``drawing``
    One way to draw: representation, improvements, size, colours.
``planes``, ``colours``, ``encoding``
    Raster to 256 levels, levels to colours, colours to JPEG and PNG.
``keys``
    What made a picture, as its name in the gallery.
``chunks``, ``gallery``, ``album``
    Pictures of a block of clips; all that are kept; those of one run.
``stacks``
    Two or three ways to draw as the red, green and blue of one picture.
"""
