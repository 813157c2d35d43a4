"""The public page: a `PublicView` becomes texts, bars, HTML and JSON; bytes become responses.

Two halves meet in the published folder. Rendering (`render`) runs in the core. Serving (`server`)
runs in the page role, and imports neither jinja2 nor anything that makes text.
"""
