"""What the models of a tree say: relationships, and whether they lead to one or to many."""
