"""Result stores: one module or package a kind, and the ports of the follower's state."""
