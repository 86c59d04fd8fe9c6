"""The bot: listens to Linear, remembers what it owes, has plans written, and posts them."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("needs-plan")
except PackageNotFoundError:  # run from a checkout that was never installed
    __version__ = "0+unknown"
