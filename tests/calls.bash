# What the stories about failing calls share: programs whose calls of libc fail
# when they are told to (failing.h), again and again, each time another one.
#
# NAP_FAULTS=all lets every single one fail. Else, of a call that is made often,
# the first ones do and then some of the others.

bats_require_minimum_version 1.5.0
load common

FAILING=$BUILD/tests/failing
LANES=6        # scenarios that run at the same time
CALLS_MOST=999 # of a kind
LIES_MOST=5
SLOW=20        # seconds that something may take

# What every program calls, and how that fails.
ALWAYS=(memory=ENOMEM close=EIO socket=EMFILE setsockopt=EINVAL
	epoll_create1=EMFILE epoll_ctl=ENOMEM epoll_wait=EINTR@1/2 poll=EINTR
	pipe2=EMFILE getpeername=ENOTCONN getsockopt=ENOBUFS
	connect=ENETUNREACH connect=EINTR send=EINTR send=short send=EAGAIN
	send=ECONNRESET recv=EINTR recv=short recv=EAGAIN recv=ECONNRESET
	write=EINTR write=short fcntl=EINVAL pthread_create=EAGAIN)

# What is called if there is time for it.
SOMETIMES=(lseek=EIO flock=ENOLCK)

setup() {
	common_setup
	make_share
}

# A small share: an empty file, one that is sent as a copy, and one that is not.
# want has the same without directories, as nget saves it.
make_share() {
	mkdir -p share/album
	: >'share/no song'
	head -c 5000 /dev/urandom >'share/short song'
	head -c 300000 /dev/urandom >'share/album/long song'
	cp -r share want
	mv want/*/* want
	rmdir want/album
	SONGS=3
}

# each_call SCENARIO KIND...: run it again and again, the first call of a KIND
# failing, then the second one, and so on until there is no such call. A KIND is
# CALL=HOW, or CALL=HOW@N, as failing.h has it, for one run. Scenarios find in
# FAULT what fails, have a directory that lies beside share and want, and say
# what is wrong, or nothing.
each_call() {
	local lane failed=0 pids=()

	for ((lane = 0; lane < LANES; lane++)); do
		mkdir "lane.$lane"
		(
			cd "lane.$lane"
			one_lane "$lane" "$@"
		) 3>&- &
		pids+=("$!")
	done
	for lane in "${pids[@]}"; do
		wait "$lane" || failed=1
	done
	return $failed
}

# one_lane LANE SCENARIO KIND...: with every LANESth of them.
one_lane() {
	local lane=$1 scenario=$2 kind n=0

	LIES=0
	for kind in "${@:3}"; do
		((n++ % LANES == lane)) || continue
		one_kind "$scenario" "$kind" || break
	done
	return $((LIES > 0))
}

# one_kind SCENARIO KIND: fails when there have been enough lies.
one_kind() {
	local scenario=$1 kind=$2 n step=1

	if [[ $kind == *@* ]]; then
		FAULT=$kind
		try "$scenario" && strikes "$scenario"
		return
	fi
	for ((n = 1; n <= CALLS_MOST; n += step)); do
		FAULT=$kind@$n
		try "$scenario" || return
		((n > 1)) || strikes "$scenario" || return
		has_struck || return 0
		[[ ${NAP_FAULTS-} == all ]] || step=$((1 + n / 3))
	done
}

has_struck() {
	grep -qs x struck
}

# strikes SCENARIO: FAULT has made something fail, or need not. As try.
strikes() {
	has_struck && return
	[[ " ${ALWAYS[*]} ${SOMETIMES[*]} " != *" ${FAULT%@*} "* ]] || return 0
	echo "$1 has no call for $FAULT"
	((++LIES < LIES_MOST))
}

# try SCENARIO: with FAULT. Fails when there have been enough lies.
try() {
	rm -f struck
	"$1" >said 2>&1 || echo "it failed with $?" >>said
	! grep -qs x struck || figure failed 1
	[[ -s said ]] || return 0
	echo "$1 with $FAULT:"
	head -n 20 said
	LIES=$((LIES + 1))
	((LIES < LIES_MOST))
}

# passing: whether a call that fails thus need not be told of: it is made again,
# or the rest of it is.
passing() {
	[[ $FAULT == *=EINTR@* || $FAULT == *=short@* ]]
}

# silenced: whether what fails may keep a program from saying so.
silenced() {
	[[ $FAULT == write=* ]]
}
