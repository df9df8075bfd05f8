#!/bin/sh
# npm run check: what a change must pass before it is committed. Needs no root.
. "$(dirname -- "$0")/setup.sh"

install_modules
exec node scripts/run-tests.ts check unit architecture
