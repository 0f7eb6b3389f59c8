"""Show runs, data, and jobs in a browser, and start, approve, and hand out what a role may.

The portal computes nothing: it reads the store, and starts the flows that the service serves.
"""
