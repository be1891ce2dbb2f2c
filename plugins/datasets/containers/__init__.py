"""What the containers of sound promise, held against the bytes that are there."""
