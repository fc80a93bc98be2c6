#!/bin/sh
# install-likeness.sh FOLDER SOURCE: Likeness itself into the environment in FOLDER.
set -eu
folder=$1
source=$2
"$folder/bin/pip" install --quiet --disable-pip-version-check --no-deps "$source"
cp "$source/deploy/likeness-health" "$folder/bin/likeness-health"
chmod 755 "$folder/bin/likeness-health"
# The image must stay what it says: small, and without torch.
if "$folder/bin/python" -c 'import torch' 2>/dev/null; then
    echo "torch came into the serving environment; requirements/run.txt must not hold it" >&2
    exit 1
fi
