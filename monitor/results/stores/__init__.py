"""Result stores: one module or package a kind, and the book that the follower keeps."""
