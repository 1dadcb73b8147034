"""The picture of the network: its stages, units and edges, and a card for one unit."""
