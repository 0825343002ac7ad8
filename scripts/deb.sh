#!/usr/bin/env bash
# Packs the program for Debian: scripts/deb.sh PROGRAM FOLDER writes FOLDER/dragoman_VERSION_ARCHITECTURE.deb and says its name.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
program="${1:?which program? scripts/deb.sh target/release/dragoman FOLDER}"
to="${2:?into which folder?}"

command -v dpkg-deb >/dev/null || {
  echo "dpkg-deb is missing: this needs Debian, or its package dpkg" >&2
  exit 1
}
version="$("$program" --version | awk '{ print $2 }')"
architecture="$(dpkg --print-architecture)"
root="$(mktemp -d)"
trap 'rm -rf "$root"' EXIT

install -D -m 0755 "$program" "$root/usr/bin/dragoman"
# Symbols are for whoever develops it.
strip --strip-unneeded "$root/usr/bin/dragoman"
install -D -m 0644 "$here/packaging/systemd/dragoman.service" "$root/lib/systemd/system/dragoman.service"
install -D -m 0640 "$here/packaging/debian/dragoman.toml" "$root/etc/dragoman/dragoman.toml"
for text in config/dragoman.toml config/reference.md docs/operations.md docs/scaling.md docs/restart.md docs/errors.md CHANGELOG.md; do
  install -D -m 0644 "$here/$text" "$root/usr/share/doc/dragoman/$(basename "$text")"
done
install -D -m 0644 "$here/LICENSE" "$root/usr/share/doc/dragoman/copyright"

kib="$(du -sk --apparent-size "$root" | cut -f1)"
mkdir -p "$root/DEBIAN"
sed "s/@VERSION@/$version/; s/@ARCHITECTURE@/$architecture/; s/@KIB@/$kib/" \
  "$here/packaging/debian/control.in" >"$root/DEBIAN/control"
install -m 0644 "$here/packaging/debian/conffiles" "$root/DEBIAN/conffiles"
for script in postinst prerm postrm; do
  install -m 0755 "$here/packaging/debian/$script" "$root/DEBIAN/$script"
done
mkdir -p "$to"
package="$to/dragoman_${version}_${architecture}.deb"
# DEB_LEVEL=1 packs in a moment, for whoever only looks into it.
dpkg-deb --root-owner-group -Zgzip "-z${DEB_LEVEL:-9}" --build "$root" "$package" >/dev/null
echo "$package"
