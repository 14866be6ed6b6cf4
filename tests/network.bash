# A network of a test's own, where it may have one: 10.0.0.0/16 is all here, and
# none of it is loopback.

# open_network: within runs a command there, "${INSIDE[@]}" becomes one, which
# counts in the background. Skips the test where it cannot.
open_network() {
	unshare -rn ip link set lo up 2>/dev/null ||
		skip 'no network of our own may be made here'
	spawn network unshare -rn sh -c 'ip link set lo up &&
		ip addr add 10.0.0.1/16 dev lo && echo open && exec sleep 600'
	NETWORK=$PID
	wait_for_line network.out open
	INSIDE=(nsenter -t "$NETWORK" -U -n --preserve-credentials)
}

within() {
	"${INSIDE[@]}" "$@"
}

# start_far [OPTION...]: an index at 10.0.0.1 and on loopback; PORT is the same
# at both.
start_far() {
	spawn indexd "${INSIDE[@]}" indexd -l 10.0.0.1:8080 \
		-l 127.0.0.1:8080 "$@"
	INDEXD=$PID
	PORT=8080
	wait_for_line indexd.err 'listening on 127.0.0.1:'
}

# near LINE...: say these lines over loopback, which is spared, and print what is
# answered.
near() {
	printf '%s\n' "$@" | within talk 127.0.0.1 "$PORT" -t "$PATIENCE"
}

# far ADDRESS LINE...: from there.
far() {
	printf '%s\n' "${@:2}" | within talk 10.0.0.1 "$PORT" -f "$1" \
		-t "$PATIENCE"
}

# stat_is KEY COMPARISON: what STAT says of it, as in ((...)).
stat_is() {
	local value

	value=$(near STAT | sed -n "s/^$1 //p")
	((value $2))
}
