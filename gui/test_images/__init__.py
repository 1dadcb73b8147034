"""The test images, sorted by how wrong the network is on them."""
