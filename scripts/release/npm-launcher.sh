#!/bin/sh
# The program `crish` of the npm package: becomes the executable that npm installed for this machine,
# else the same program on Node. It takes the place of an install script.
self=$0
# A program that takes this one's place does not see the name that this one was started under.
case ${self##*/} in
  crictl) set -- internal crictl "$@" ;;
esac
while [ -L "$self" ]; do
  link=$(readlink "$self")
  case $link in
    /*) self=$link ;;
    *) self=${self%/*}/$link ;;
  esac
done
package=${self%/*}/..

# An npm that does not know "libc" installs both kinds.
musl=-musl
for loader in /lib/ld-linux-* /lib64/ld-linux-*; do
  [ -e "$loader" ] && musl=
done
# Where npm nests what a global package needs, and where it lifts what a local one needs.
for scope in "$package/node_modules/@crish" "$package/../@crish"; do
  for executable in "$scope/linux-x64$musl/bin/crish" "$scope/linux-arm64$musl/bin/crish"; do
    [ -x "$executable" ] && exec "$executable" "$@"
  done
done
exec node "$package/lib/crish-node.js" "$@"
