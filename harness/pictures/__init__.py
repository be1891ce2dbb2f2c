"""From a signal to a picture, and pictures on disk.

``drawing``
    One way to draw: representation, improvements, size, colours.
``planes``, ``colours``, ``encoding``
    Raster to 256 levels, levels to colours, colours to JPEG and PNG.
``painted``
    Pictures that are coloured when somebody looks at their colours.
``keys``
    What made a picture, as its name in the gallery.
``naming``
    Names and hashes of pictures that are exported.
``packing``
    Levels in few bytes, and back.
``rows``, ``storeroom``
    Rows by content in files that are believed only when they fit; all such files, by key.
``chunks``, ``gallery``, ``album``
    Pictures as rows; all that are kept, with features; the pictures of one run.
``stacks``
    Two or three ways to draw as the red, green and blue of one picture.
"""
