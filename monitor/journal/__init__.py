"""The journal: the database that money rests on. Its facade is `access`."""
