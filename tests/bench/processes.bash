# The processes of the bench: started, awaited by what they say, ended with it.

declare -A PROCESSES # that are running, by process id
DIRECTORIES=()

# spawn NAME COMMAND...: in the background; PID is its process. Its standard
# input lasts as long as this script.
spawn() {
	local name=$1

	shift
	# Before it runs, so that nobody reads what a namesake has left.
	: >"$TMP/$name.out"
	: >"$TMP/$name.err"
	"$@" >"$TMP/$name.out" 2>"$TMP/$name.err" <"$TMP/hold" {HOLD}>&- &
	PID=$!
	PROCESSES[$PID]=$name
}

# end PID: with SIGTERM, and with SIGKILL when that is not enough; it is gone.
end() {
	local deadline=$((SECONDS + PATIENCE))

	unset "PROCESSES[$1]"
	kill "$1" 2>/dev/null || true
	while running "$1"; do
		((SECONDS < deadline)) || kill -KILL "$1"
		pause
	done
	wait "$1" 2>/dev/null || true
}

# running PID: it has not ended, whether or not it has been waited for.
running() {
	local state

	{ read -r _ _ state _ <"/proc/$1/stat"; } 2>/dev/null &&
		[[ $state != Z ]]
}

# pause: a moment, without a process that would disturb what is measured.
pause() {
	read -rt 0.03 -u "$HOLD" || true
}

# await PID COMMAND...: until it succeeds; false when time is up, or when the
# process ended and it still does not.
await() {
	local deadline=$((SECONDS + PATIENCE)) ended=

	while ((SECONDS < deadline)); do
		running "$1" || ended=1
		"${@:2}" && return
		[[ -z $ended ]] || return 1
		pause
	done
	return 1
}

# await_line PID FILE PATTERN: MATCH is the line, once there is one.
await_line() {
	await "$1" has_line "$2" "$3"
}

has_line() {
	local lines

	mapfile -t lines <"$1"
	for MATCH in "${lines[@]}"; do
		[[ $MATCH =~ $2 ]] && return
	done
	return 1
}

# processes_begin: TMP is a directory for what is made; it goes, and so do all
# other DIRECTORIES and all processes, when this script ends.
processes_begin() {
	trap clean_up EXIT
	trap 'exit 1' INT TERM HUP
	TMP=$(mktemp -d)
	DIRECTORIES+=("$TMP")
	mkfifo "$TMP/hold"
	exec {HOLD}<>"$TMP/hold"
}

clean_up() {
	local pid

	for pid in "${!PROCESSES[@]}"; do
		end "$pid"
	done
	rm -rf "${DIRECTORIES[@]}"
}

# find_port START: call START with one port after the other, until it succeeds;
# PORT is the last.
find_port() {
	local try

	for try in {1..20}; do
		PORT=$((20000 + RANDOM % 12000))
		"$1" "$PORT" && return
	done
	fail "$1: no success after $try times"
}

# start_indexd: INDEXD is its process, INDEX its port.
start_indexd() {
	spawn indexd "$BUILD/indexd/indexd" -l 127.0.0.1:0
	INDEXD=$PID
	await_line "$INDEXD" "$TMP/indexd.err" 'listening on .*:[0-9]+$' ||
		fail "indexd does not start: $(cat "$TMP/indexd.err")"
	INDEX=${MATCH##*:}
}
