"""A local server that speaks the service's API, to rehearse with at no cost."""
