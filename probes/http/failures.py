"""The failure classes of `http`."""

from __future__ import annotations

from probes._failures import ERRORS, SHARED, SILENT, failure, words
from probes._kind import by_id
from probes.http.expect import (
    BODY_MISMATCH,
    HEADER_MISMATCH,
    JSON_MISMATCH,
    REDIRECT_LOOP,
    SIZE,
    STALE_CONTENT,
    STATUS_MISMATCH,
)

_OLD = (
    words("con datos viejos", "serving old data"),
    words("Un cambio reciente puede no verse.", "A recent change may not show."),
)

_OWN = (
    failure(
        STATUS_MISMATCH,
        ERRORS,
        summary="The answer's status is not an expected one.",
        cause="The site shows an error page, or the page has moved.",
        remedy="Read the site's error log at that second.",
    ),
    failure(
        HEADER_MISMATCH,
        ERRORS,
        summary="A header is missing or says something else.",
        cause="Another server answers, or its configuration changed.",
        remedy="Compare the headers with --transcript.",
    ),
    failure(
        BODY_MISMATCH,
        ERRORS,
        summary="The page does not say what it should.",
        cause="An error page with status 200, a defaced site, or a changed text.",
        remedy="Look at the page; if it is right, change what is expected.",
    ),
    failure(
        JSON_MISMATCH,
        ERRORS,
        summary="The JSON does not hold the expected value.",
        cause="A part behind the interface reports trouble, or the format changed.",
        remedy="Fetch it and look at the path that the message names.",
    ),
    failure(
        SIZE,
        ERRORS,
        summary="The body is smaller or larger than it should be.",
        cause="An empty or cut page, or something else at that address.",
        remedy="Look at the page; adjust min_size and max_size if it is right.",
    ),
    failure(
        STALE_CONTENT,
        _OLD,
        summary="The content is older than it may be.",
        cause="The job that makes it has stopped, or a cache holds on to it.",
        remedy="Look at that job, then at the caches.",
    ),
    failure(
        REDIRECT_LOOP,
        SILENT,
        summary="The redirects do not end.",
        cause="Two rules send visitors to each other, often http and https behind a proxy.",
        remedy="Follow the trail in the evidence.",
    ),
)

FAILURES = by_id((*SHARED, *_OWN))
