# What the stories about indexd share: connections that speak its protocol.

# ask LINE...: a fresh connection that says these lines and hears the answers.
ask() {
	printf '%s\n' "$@" | say "$INDEX"
}

# peer NAME LINE...: a connection that says these lines and stays, silent; what
# it hears goes to NAME.out. PEER is its process.
peer() {
	local name=$1

	shift
	printf '%s\n' "$@" >"$name.in"
	talk "${INDEX%:*}" "${INDEX##*:}" -w -t 600 <"$name.in" >"$name.out" \
		2>"$name.err" 3>&- &
	PEER=$!
	PROCESSES+=("$PEER")
}

# indexes COMMAND-LINE: how many there are, by an extended regular expression.
# The process that reads an index's configuration has another name.
indexes() {
	local pid names=

	for pid in $(pgrep -f "$1"); do
		names+=$(cat "/proc/$pid/comm" 2>/dev/null)$'\n'
	done
	grep -cx indexd <<<"$names"
}
