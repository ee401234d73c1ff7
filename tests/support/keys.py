"""Keys of nobody, for connections of the tests."""

from base64 import b64encode

KEY = "whsec_" + b64encode(b"k" * 32).decode()
# A public key of RFC 8032, section 7.1, test 1.
ED25519_KEY = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
PROJECT = "b08dacad-5f0a-4b2e-9a3c-1d2e3f405162"
