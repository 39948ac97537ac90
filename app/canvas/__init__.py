"""The canvas: where people look at a picture and paint its mask."""
