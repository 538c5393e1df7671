"""The demonstration: the real pipeline on a wire of invented news, on this machine alone."""
