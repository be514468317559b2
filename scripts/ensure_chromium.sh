#!/bin/sh
# Is there a Chromium for the browser tests? Root on Debian gets one; others hear how, and their browser tests skip.
# The headless shell is Chromium without windows of its own: the same engine for half the processor time.
set -eu
packages="chromium-headless-shell fonts-liberation"

if [ -n "${CHROMIUM:-}" ]; then
    if [ -x "$CHROMIUM" ]; then exit 0; fi
    echo "CHROMIUM is $CHROMIUM, but there is no such program." >&2
    exit 1
fi
for name in chromium-headless-shell chromium; do
    if command -v "$name" >/dev/null || [ -x "/usr/bin/$name" ]; then exit 0; fi
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing $packages for the browser tests (about 300 MB)."
    apt-get update -qq
    apt-cache show chromium-headless-shell >/dev/null 2>&1 || packages="chromium fonts-liberation"
    DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -qq -y --no-install-recommends \
        $packages >/dev/null
    exit 0
fi
echo "The browser tests need Chromium. On Debian or Ubuntu this command brings it:" >&2
echo "    sudo apt-get install --no-install-recommends $packages" >&2
if [ "${CI:-}" = true ]; then exit 1; fi
echo "Without it they are skipped." >&2
