"""The back-test flow: from an archived season to one page and the tables behind it. It needs no Prefect server."""
