"""Copies of the page elsewhere: a folder, storage that speaks S3's protocol, a branch of git."""
