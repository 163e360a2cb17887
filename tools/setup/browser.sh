#!/usr/bin/env bash
# Installs what the page's browser tests need: Debian's Chromium (290 MB), and fonts for the pictures of the page.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
need_packages chromium fonts-dejavu-core
