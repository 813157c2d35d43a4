"""Copies of the page elsewhere, for when this machine is not there."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from monitor.config.schema.base import Schema
from monitor.config.schema.values import Line, Seconds, Slug, Url
from monitor.domain.secret import Secret


class S3Schema(Schema):
    """A bucket of storage that speaks S3's protocol, whoever runs it."""

    endpoint: Url
    """The server: `https://s3.eu-west-1.amazonaws.com`. The bucket stands in the path."""
    bucket: Line
    """It has to be there."""
    access_key: Secret
    """A reference to the key that may get, put and delete objects below the prefix."""
    secret_key: Secret
    """A reference to its secret."""
    prefix: Annotated[str, Field(pattern="^[A-Za-z0-9._/-]*$", max_length=200)] = ""
    """What comes before each name."""
    region: Line = "us-east-1"
    """What the server calls its region."""


class GitSchema(Schema):
    """A branch of a git repository: it is pushed over, and has one commit, of the newest copy."""

    url: Line
    """Where to push, as `git push` takes it."""
    branch: Annotated[str, Field(pattern="^[A-Za-z0-9._/-]+$", max_length=200)] = "pages"
    """A branch for nothing else: what it had is gone."""


class MirrorSchema(Schema):
    """A copy of the page elsewhere; exactly one of `folder`, `s3` and `git`."""

    id: Slug
    """Its name in logs."""
    folder: Line | None = None
    """A folder for nothing else, absolute, which the page may write."""
    s3: S3Schema | None = None
    """A bucket."""
    git: GitSchema | None = None
    """A branch of git."""
    every: Annotated[Seconds, Field(ge=10)] | None = None
    """How long until a newer copy is written; none: a minute, and ten for git."""
