"""What a browser is shown: `/` and `/docs`, rendered here from the OpenAPI schema.

No framework for API pages: those load megabytes of script, from elsewhere or from here, and need
inline styles that a strict content policy refuses. One page holds its style and its script.
"""
