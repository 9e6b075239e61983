#!/usr/bin/env bash
# Makes the virtual environment once and installs a list of packages into it.  Usage: venv.sh PYTHON REQUIREMENTS
# PYTHON may be empty: the first of python3, python3.13, python3.12, python3.11 that runs and is new enough.
set -euo pipefail
python=$1 list=$2

fail() { printf '\n%s\n%s\n' "$1" "$2" >&2; exit 1; }

fits() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null; }

if [ -z "$python" ]; then
  for candidate in python3 python3.13 python3.12 python3.11; do
    if fits "$candidate"; then python=$candidate; break; fi
  done
fi
[ -n "$python" ] || fail "Python 3.11 bis 3.13 fehlt: sudo apt-get install python3 python3-venv" "Python 3.11 to 3.13 is missing: sudo apt-get install python3 python3-venv"
fits "$python" ||
  fail "$("$python" --version 2>&1) passt nicht, gebraucht wird 3.11 bis 3.13 (make PYTHON=/pfad/zu/python3.12 ...)" "$("$python" --version 2>&1) does not fit, 3.11 to 3.13 is needed (make PYTHON=/path/to/python3.12 ...)"

if [ ! -x .venv/bin/python ]; then
  # Debian and Ubuntu keep venv and ensurepip in a package of their own
  if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    package="python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
      echo "Installiere $package ... / installing $package ..." >&2
      apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$package"
    else
      fail "Das Paket $package fehlt: sudo apt-get install $package" "The package $package is missing: sudo apt-get install $package"
    fi
  fi
  echo "Lege die Python-Umgebung an (.venv) ... / making the Python environment ..." >&2
  rm -rf .venv
  "$python" -m venv .venv
fi
echo "Installiere $list ... / installing $list ..." >&2
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$list" ||
  fail "Die Pakete aus $list ließen sich nicht installieren (siehe oben; ist das Netz da?)." "The packages of $list could not be installed (see above; is the network there?)."
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
