"""What the pretend GitHub says when something is wrong before anything is looked up: pages of HTML and plain words."""

UNICORN = """<!DOCTYPE html>
<html>
  <head><meta charset="utf-8"><title>Unicorn! &middot; GitHub</title></head>
  <body>
    <h1>This page is taking too long to load.</h1>
    <p>Sorry about that. Please try refreshing and contact us if the problem persists.</p>
  </body>
</html>
"""

UNAVAILABLE = """<html>
<head><title>503 Service Unavailable</title></head>
<body><h1>503 Service Unavailable</h1>No server is available to handle this request.</body>
</html>
"""

NO_USER_AGENT = """
Request forbidden by administrative rules. Please make sure your request has a User-Agent header.
"""

PRIMARY_LIMIT = (
    "API rate limit exceeded for user ID {user}. If you reach out to GitHub Support for help, "
    "please include the request ID {request} and timestamp {time}."
)

SECONDARY_LIMIT = (
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again. "
    "If you reach out to GitHub Support for help, please include the request ID {request} and timestamp {time}."
)

SINGLE_SIGN_ON = (
    "Resource protected by organization SAML enforcement. "
    "You must grant your Personal Access token access to this organization."
)
