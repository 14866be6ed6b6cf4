# What systemd is told of the programs: as much confinement as they can bear.

load common

UNITS=(indexd/indexd.service nshare/nshare.service nshare/nshare@.service)

need_systemd_analyze() {
	command -v systemd-analyze >/dev/null ||
		skip 'systemd-analyze is not installed'
	systemd-analyze --help | grep -q -- --offline ||
		skip 'systemd-analyze is older than 250'
}

# confinement FILE: its settings, from the first of them on.
confinement() {
	sed -n '/^NoNewPrivileges=/,/^UMask=/p' "$1" | grep -v '^#'
}

@test "units name programs where they are installed" {
	for unit in "${UNITS[@]}"; do
		run cat "$BUILD/$unit"
		assert_line --regexp '^ExecStart=/[^@]*/(indexd|nshare)( |$)'
		refute_output --partial 'bindir'
	done
}

@test "systemd understands them" {
	need_systemd_analyze
	mkdir units
	for unit in "${UNITS[@]}"; do
		program=$(type -P "$(basename "${unit%%/*}")")
		sed -E "s|^ExecStart=[^ ]+|ExecStart=$program|" "$BUILD/$unit" \
			>"units/${unit##*/}"
	done
	cp "$SOURCE/indexd/indexd.socket" units
	for unit in units/*; do
		run systemd-analyze verify --man=no "./$unit"
		assert_success
		refute_output
	done
}

@test "system services are exposed to little" {
	need_systemd_analyze
	for unit in indexd/indexd.service nshare/nshare@.service; do
		cp "$BUILD/$unit" .
		run systemd-analyze security --no-pager --offline=true \
			--threshold=15 "./${unit##*/}"
		assert_success
	done
}

@test "a user's own service is confined by all that needs no root" {
	confinement "$BUILD/nshare/nshare@.service" | sort >all
	confinement "$BUILD/nshare/nshare.service" | sort >own
	run comm -13 all own
	refute_output
	run comm -23 all own
	refute_line --regexp '^(SystemCall|Restrict(A|N|R|S)|Memory|Lock|NoNew)'
}
