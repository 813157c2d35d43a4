"""Amazon's own examples of a signed request."""

from __future__ import annotations

from monitor.mirrors.signature import Credentials, encoded_path, signed_headers
from tests.support.clock import second

EXAMPLE = Credentials(
    access_key="AKIAIOSFODNN7EXAMPLE",
    secret_key="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    region="us-east-1",
)


def test_a_put_is_signed_as_in_the_manual() -> None:
    headers = signed_headers(
        "PUT", "examplebucket.s3.amazonaws.com", "/test$file.text", b"Welcome to Amazon S3.",
        EXAMPLE, second("2013-05-24T00:00:00+00:00"),
        {"date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY"},
    )  # fmt: skip
    assert headers["Authorization"] == (
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
        "SignedHeaders=date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class, "
        "Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
    )


def test_a_get_is_signed_as_in_the_manual() -> None:
    headers = signed_headers(
        "GET", "examplebucket.s3.amazonaws.com", "/test.txt", b"", EXAMPLE,
        second("2013-05-24T00:00:00+00:00"), {"range": "bytes=0-9"},
    )  # fmt: skip
    assert headers["Authorization"].endswith(
        "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
    )


def test_a_name_is_encoded_once() -> None:
    assert encoded_path("/b/es/componente/a b%2F.html") == "/b/es/componente/a%20b%252F.html"
