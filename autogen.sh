#!/bin/sh
# Make the build system from a git checkout: configure and what it needs.
cd "$(dirname "$0")" && exec autoreconf --install --force
