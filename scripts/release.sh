#!/bin/sh
# npm run release: dist/release with all that is published (see release/release.ts).
. "$(dirname -- "$0")/setup.sh"

packages=libatomic1
install_packages
install_modules
exec node scripts/release/release.ts "$@"
