#!/bin/sh
# Is this Python new enough, and can it make an environment? Root on Debian gets what is missing; others hear how.
set -eu
python=$1

if ! command -v "$python" >/dev/null; then
    echo "There is no $python here. Install Python 3.11 or newer, or name one: make PYTHON=/path/to/python3" >&2
    exit 1
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "$("$python" --version) is too old: Penset needs 3.11 or newer. Name another: make PYTHON=python3.12" >&2
    exit 1
fi
if "$python" -c 'import venv, ensurepip' 2>/dev/null; then
    exit 0
fi

package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing $package, which $python needs to make an environment."
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$package" >/dev/null
    exit 0
fi
echo "$python cannot make an environment. On Debian or Ubuntu this command brings it:" >&2
echo "    sudo apt-get install $package" >&2
exit 1
