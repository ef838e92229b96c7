# Sourced by app/run.sh and tests/run.sh.

# install_packages FILE…: the Debian packages that the lists name, as far as they are missing.
install_packages() {
  local wanted present missing
  wanted=$(sed 's/#.*//' "$@" | xargs -n1 | sort -u)
  # dpkg-query fails when a package is unknown to it, which is an answer too.
  # shellcheck disable=SC2086 # words are package names
  present=$({ dpkg-query -W -f '${db:Status-Status} ${Package}\n' $wanted 2>/dev/null || true; } |
    sed -n 's/^installed //p' | sort -u)
  missing=$(comm -23 <(echo "$wanted") <(echo "$present"))
  [[ -n $missing ]] || return 0
  echo "== installing Debian packages:" $missing
  apt_install $missing
}

# apt_install PACKAGE…: as root, or through sudo.
apt_install() {
  local as_root=()
  if [[ $(id -u) != 0 ]]; then
    if ! command -v sudo >/dev/null; then
      echo "install these packages as root first: $*" >&2
      return 1
    fi
    as_root=(sudo)
  fi
  "${as_root[@]}" apt-get update -q
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"
}
