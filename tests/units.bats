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

# is_exposed LEVEL FILE: in tenths, at most.
is_exposed() {
	run systemd-analyze security --no-pager --offline=true \
		--threshold="$1" "./$2"
	assert_success
}

# What is left of 1.2, of indexd, is the network itself, which can be had from
# outside only; Unix-domain sockets, by which it says that it is ready; and
# setpriority, without which its keepers would get in the way of searches.
@test "system services are exposed to little" {
	need_systemd_analyze
	for unit in indexd/indexd.service nshare/nshare@.service; do
		cp "$BUILD/$unit" .
		is_exposed 15 "${unit##*/}"
	done
}

# A user's manager is not root and has no capabilities, and so are those whom it
# starts, which a look at the file alone does not tell.
@test "a user's own service is exposed to what a user cannot shut" {
	need_systemd_analyze
	sed '/^\[Service\]/a User=user\nCapabilityBoundingSet=' \
		"$BUILD/nshare/nshare.service" >nshare.service
	is_exposed 40 nshare.service
}

# What it leaves out is of no effect without namespaces, or has to have
# capabilities to give them up. PrivateUsers= would bring both; but with that, or
# with one of these and without it, nothing starts where users may have no
# namespaces of their own (217/USER, 218/CAPABILITIES).
@test "a user's own service starts wherever users have a service manager" {
	run confinement "$BUILD/nshare/nshare.service"
	refute_line --regexp '^(PrivateUsers|PrivateDevices|CapabilityBoundingSet)='
	refute_line --regexp '^Protect(Clock|KernelLogs|KernelModules)='
}

@test "a user's own service is confined by all that needs no root" {
	confinement "$BUILD/nshare/nshare@.service" | sort >all
	confinement "$BUILD/nshare/nshare.service" | sort >own
	run comm -13 all own
	refute_output
	run comm -23 all own
	refute_line --regexp '^(SystemCall|Restrict(A|N|R|S)|Memory|Lock|NoNew)'
}
