#!/bin/sh
# create-environment.sh FOLDER: a Python environment in FOLDER with the locked core packages.
set -eu
folder=$1
here=$(cd "$(dirname "$0")/.." && pwd)
python3 -m venv "$folder"
"$folder/bin/pip" install --quiet --disable-pip-version-check --no-compile --require-hashes \
    --requirement "$here/requirements/run.txt"
