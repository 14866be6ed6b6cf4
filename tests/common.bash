# What the stories share: where the programs are, and processes that are
# started, awaited by what they say, and ended with the test.
#
# Every test runs in a directory of its own, on free ports of loopback.

BUILD=${NAP_BUILD:?the build directory, set by make check}
SOURCE=${NAP_SOURCE:?the source directory, set by make check}
PATTERN_ADDR='[][0-9a-f.:]+:[0-9]+'
PATIENCE=${NAP_SANITIZED:+180} # seconds until waiting is a failure
PATIENCE=${PATIENCE:-30}

bats_require_minimum_version 1.5.0
bats_load_library bats-support
bats_load_library bats-assert
bats_load_library bats-file

PATH=$BUILD/indexd:$BUILD/nshare:$BUILD/nfind:$BUILD/nget:$BUILD/tests:$PATH
export LC_ALL=C.UTF-8
unset NAP_INDEX LISTEN_FDS LISTEN_PID NOTIFY_SOCKET

common_setup() {
	cd "$BATS_TEST_TMPDIR" || return
	# Nobody's own files: neither what they set nor what nshare remembers.
	export HOME=$BATS_TEST_TMPDIR
	export XDG_CACHE_HOME=$BATS_TEST_TMPDIR/cache
	export XDG_CONFIG_HOME=$BATS_TEST_TMPDIR/config
	PROCESSES=()
}

common_teardown() {
	local pid

	for pid in "${PROCESSES[@]}"; do
		end "$pid"
	done
}

setup() {
	common_setup
}

teardown() {
	common_teardown
}

# end PID: with SIGTERM, and with SIGKILL when that is not enough.
end() {
	kill "$1" 2>/dev/null || return 0
	if ! eventually $PATIENCE gone "$1"; then
		kill -KILL "$1"
		echo "process $1 did not end on SIGTERM" >&2
		return 1
	fi
}

gone() {
	kill -0 "$1" 2>/dev/null || return 0
	# While threads of a zombie live, so do its sockets.
	[[ $(ps -o stat= -p "$1") =~ ^(Z[^l]*)?$ ]]
}

# eventually SECONDS COMMAND...: until it succeeds, or time is up.
eventually() {
	local deadline=$((SECONDS + $1 + 1))

	shift
	until "$@"; do
		((SECONDS < deadline)) || return 1
		sleep 0.02
	done
}

# wait_until COMMAND...: a condition that must come true.
wait_until() {
	eventually $PATIENCE "$@" || {
		echo "never came true: $*" >&2
		return 1
	}
}

has_line() {
	grep -qsaE -- "$2" "$1"
}

has_line_or_ended() {
	has_line "$1" "$2" || { [[ ${3:-} ]] && gone "$3"; }
}

# wait_for_line FILE PATTERN [PID]: an extended regular expression in a file
# that a process writes, for as long as PID lives; MATCH is the line.
wait_for_line() {
	if ! eventually $PATIENCE has_line_or_ended "$@" ||
		! has_line "$1" "$2"; then
		echo "no line '$2' in $1:" >&2
		cat "$1" >&2
		return 1
	fi
	MATCH=$(grep -aE -m1 -- "$2" "$1")
}

# spawn NAME COMMAND...: in the background, talking to NAME.out and NAME.err;
# PID is its process.
spawn() {
	local name=$1

	shift
	# Before it runs, so that nobody reads what a namesake has left.
	: >"$name.out" >"$name.err"
	"$@" >"$name.out" 2>"$name.err" </dev/null 3>&- &
	PID=$!
	PROCESSES+=("$PID")
}

# start_indexd [OPTION...]: INDEX is its address, NAP_INDEX points there,
# INDEXD is its process. Give -l to listen elsewhere than on 127.0.0.1.
start_indexd() {
	local listen=(-l 127.0.0.1:0)

	[[ " $* " == *" -l "* ]] && listen=()
	spawn indexd indexd "${listen[@]}" "$@"
	INDEXD=$PID
	wait_for_line indexd.err "listening on $PATTERN_ADDR" "$PID" || return
	INDEX=${MATCH##* }
	export NAP_INDEX=$INDEX
}

# start_nshare DIR [OPTION...]: returns once searches find its files; SHARE is
# its address, NSHARE its process. Several in one test: NAME=other start_nshare.
# It computes digests with HASH=yes: when they come is a matter of time.
start_nshare() {
	local name=${NAME:-nshare} options=(-p 0)

	[[ -n ${HASH:-} ]] || options+=(--no-hash)
	spawn "$name" nshare "${options[@]}" "${@:2}" "$1"
	NSHARE=$PID
	wait_for_line "$name.err" 'sharing [0-9]+ files of .* at ' "$PID" || return
	SHARE=${MATCH##* }
}

# start_puppet SCRIPT...: a scripted server; PUPPET is its address.
start_puppet() {
	local name=${NAME:-puppet}

	spawn "$name" puppet "$@"
	wait_for_line "$name.out" "listening on $PATTERN_ADDR" "$PID" || return
	PUPPET=${MATCH##* }
}

# say ADDR [TALK-OPTION...]: send standard input to a server, print its answer.
say() {
	local host=${1%:*}

	host=${host#[}
	talk "${host%]}" "${1##*:}" "${@:2}"
}

# figure KEY VALUE...: for the sum of make soak (tests/soak/sum.awk).
figure() {
	[[ -z ${NAP_FIGURES-} ]] || echo "$*" >>"$NAP_FIGURES"
}

need_strace() {
	[[ -z $NAP_SANITIZED ]] || skip 'the leak checker wants to trace, too'
	command -v strace >/dev/null || skip 'strace is not installed'
	strace -o /dev/null true 2>/dev/null || skip 'strace may not trace here'
}
