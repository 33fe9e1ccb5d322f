# SPDX-License-Identifier: MIT
# common.sh: what quickstart and check share. Sourced, never run.
# shellcheck shell=bash

# What it takes to build and run the two programs.
BUILD_PACKAGES="build-essential pkg-config meson ninja-build python3
	fuse3 libfuse3-dev libmariadb-dev libyaml-dev libsqlite3-dev libssl-dev libjansson-dev
	libcurl4-openssl-dev libexpat1-dev libzstd-dev zlib1g-dev liblz4-dev libsmartcols-dev uthash-dev libcmocka-dev libarchive-dev scdoc"

# A private server to run against.
SERVER_PACKAGES="mariadb-server-core mariadb-client-core"

# What the tests use besides.
TEST_PACKAGES="mariadb-client zstd python3-pytest python3-pytest-xdist python3-jsonschema
	python3-cryptography python3-zstandard python3-lz4 jq bc attr
	curl rsync tree clang-format clang-tidy libclang-rt-14-dev mandoc procps valgrind git
	ca-certificates openssl radosgw ceph-mon ceph-osd swift-proxy
	swift-account swift-container swift-object rclone time nodejs
	faketime strace samba smbclient less vim-tiny zsh fish"

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
	BOLD=$(printf '\033[1m') DIM=$(printf '\033[2m') PLAIN=$(printf '\033[0m')
else
	BOLD='' DIM='' PLAIN=''
fi

say() { # what comes next
	printf '\n%s== %s%s\n' "$BOLD" "$*" "$PLAIN"
}

note() {
	printf '   %s\n' "$*"
}

die() { # why, and what to do about it
	printf 'Error: %s\n' "$1" >&2
	[ -z "${2:-}" ] || printf 'Hint: %s\n' "$2" >&2
	exit 1
}

as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo -n "$@" || die "sudo $1 failed" "Run as root, or allow sudo without a password."
	else
		die "not root, and there is no sudo" "Run this as root."
	fi
}

is_installed() {
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# Installs those of the packages that are missing; asks for root only then.
install_packages() {
	local missing=() package
	command -v apt-get >/dev/null || die "no apt-get here" "These scripts set up Debian 12."
	for package in "$@"; do
		is_installed "$package" || missing+=("$package")
	done
	[ "${#missing[@]}" -gt 0 ] || return 0
	note "installing ${missing[*]}"
	as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
	as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get install -qq -y --no-install-recommends "${missing[@]}" >/dev/null
}

# npm: a package of its own in Debian, a part of nodejs elsewhere. Without it Azure is not tested.
install_npm() {
	command -v npm >/dev/null || install_packages npm
}

# Downloads a Debian package and unpacks it into a directory, without installing it.
unpack_package() { # PACKAGE DIRECTORY
	mkdir -p "$2"
	(cd "$2" && apt-get download -qq "$1" >/dev/null 2>&1) || {
		as_root apt-get update -qq
		(cd "$2" && apt-get download -qq "$1" >/dev/null 2>&1)
	} || die "cannot download the package $1" "Is a Debian mirror reachable?"
	dpkg-deb -x "$2/$1"_*.deb "$2"
}

# Builds a tree, or TARGETS of it: OPTIONS="..." build_tree DIRECTORY [TARGET...]
build_tree() {
	local directory=$1
	shift
	if [ ! -f "$directory/build.ninja" ]; then
		# shellcheck disable=SC2086
		meson setup "$directory" ${OPTIONS:-} >/dev/null ||
			die "meson setup failed" "See $directory/meson-logs/meson-log.txt."
	fi
	ninja -C "$directory" "$@" >"$directory/build.log" 2>&1 || {
		tail -n 40 "$directory/build.log" >&2
		die "the build failed" "The whole log is $directory/build.log."
	}
}

# A private MariaDB below a directory, reachable by DIRECTORY/mysql.sock only.
# Sets SERVER_PID.
start_server() { # DIRECTORY
	local data=$1/mysql
	local options=(--no-defaults --datadir="$data" --socket="$1/mysql.sock" --skip-networking
		--skip-log-bin --innodb-flush-log-at-trx-commit=0 --innodb-buffer-pool-size=64M
		--innodb-log-file-size=8M --pid-file="$1/mysql.pid" --log-error="$1/mysql.err")
	local user
	user=$(id -un)
	mariadb-install-db --no-defaults --user="$user" --datadir="$data" --skip-test-db --force \
		--auth-root-authentication-method=normal --innodb-log-file-size=8M >"$1/install.log" 2>&1 || {
		tail -n 20 "$1/install.log" >&2
		die "mariadb-install-db failed"
	}
	/usr/sbin/mariadbd "${options[@]}" --user="$user" >/dev/null 2>&1 &
	SERVER_PID=$!
	for _ in $(seq 200); do
		mariadb --no-defaults -uroot -S "$1/mysql.sock" -e "SELECT 1" >/dev/null 2>&1 && return
		kill -0 "$SERVER_PID" 2>/dev/null || break
		sleep 0.05
	done
	tail -n 5 "$1/mysql.err" >&2
	die "the private MariaDB did not start"
}
