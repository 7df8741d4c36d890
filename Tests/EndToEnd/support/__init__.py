"""What the end-to-end tests stand on: the real gateway, an upstream that does as it is told, a client made by hand."""
