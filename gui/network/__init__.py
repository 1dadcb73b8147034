"""The picture of the network: units, edges, and the card of one unit."""
