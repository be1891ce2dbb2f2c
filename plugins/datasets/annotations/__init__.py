"""Tables of annotations: read whatever made them, cut into labelled windows, written again."""
