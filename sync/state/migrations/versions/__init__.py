"""One file for each schema step, newest last in the chain of `down_revision`."""
