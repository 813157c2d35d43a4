"""The public page: a `PublicView` becomes texts, bars, HTML and JSON; bytes become answers.

Two halves that meet in the published folder: rendering (`render`, in the core) and serving
(`server`, in the page role), which imports neither jinja2 nor anything that makes text.
"""
