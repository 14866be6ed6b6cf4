# Each call of libc that handing a connection over needs fails once: in the
# process that hands it over, and in the index that it has started. Then that
# connection may be lost, but others are served.

load calls

# start_doorman COMMAND...: INDEX is where it starts it for each connection.
start_doorman() {
	spawn "$1" doorman "${@:2}" || return
	eventually $SLOW has_line "$1.out" listening || echo 'no doorman'
	INDEX=$(sed -n 's/.*listening on //p' "$1.out")
}

# pings: whether the index answers.
pings() {
	[[ $(say "$INDEX" -t $SLOW <<<PING 2>said.err) == PONG ]]
}

ended() {
	has_line failing.out 'ended with'
}

handing_over() {
	local pid

	PROCESSES=()
	rm -rf run
	mkdir -m 700 run
	start_doorman failing env "NAP_FAIL=$FAULT" NAP_FAIL_MARK=struck \
		"$FAILING/indexd" -i -t 1 --handoff "$PWD/run/socket"
	pings
	eventually $SLOW ended || echo 'who hands over does not end'
	start_doorman well indexd -i -t 1 --handoff "$PWD/run/socket"
	# What fails may have been kept for the first of them.
	pings || pings || echo "the next one is not served: $(<said.err)"
	! has_line failing.out 'ended with 1[0-9][0-9]' ||
		echo "died: $(<failing.out)"
	for pid in "${PROCESSES[@]}" $(pgrep -f -- "--handoff $PWD/run/socket"); do
		kill "$pid" 2>/dev/null
	done
	for pid in "${PROCESSES[@]}"; do
		wait "$pid"
	done
	return 0
}

@test "each call that hands a connection over fails in turn" {
	local more=()

	[[ ${NAP_FAULTS-} != all ]] ||
		more=(connect=EINTR getpeername=ENOTCONN getsockopt=ENOBUFS
			fcntl=EINVAL open=EMFILE flock=EINTR sendmsg=EINTR
			sendmsg=EAGAIN recvmsg=EINTR recvmsg=EAGAIN read=EINTR
			send=EAGAIN pthread_create=EAGAIN close=EIO)
	each_call handing_over memory=ENOMEM socket=EMFILE bind=EACCES \
		getsockname=ENOBUFS@1 getsockname=ENOBUFS@3 setsockopt=EINVAL \
		open=EMFILE@2 flock=ENOLCK@1 fchdir=EACCES socketpair=EMFILE \
		sendmsg=ETOOMANYREFS recvmsg=ENOMEM fork=EAGAIN stat=EIO \
		"${more[@]}"
}
