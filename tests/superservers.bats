# indexd under the super-servers that there are: one index in every case.

load common
load asking

PATH=$BUILD/superservers/usr/sbin:$PATH:/usr/sbin:/sbin

setup() {
	common_setup
	export XDG_RUNTIME_DIR=$PWD/run
	mkdir -m 700 run
	INDEXD=$(type -P indexd)
	OPTIONS=(-i --idle-exit 2 --pidfile "$PWD/pid" --handoff "$PWD/run/socket")
}

teardown() {
	# It is no child of ours.
	[[ ! -s pid ]] || PROCESSES+=("$(cat pid)")
	common_teardown
}

# need PROGRAM: that it is there, and runs.
need() {
	command -v "$1" >/dev/null || skip "$1 is not installed"
	! ldd "$(type -P "$1")" 2>/dev/null | grep -q 'not found' ||
		skip "$1 lacks a library"
}

# listens PID PORT: whether that process has a socket that listens there.
listens() {
	local inode port

	printf -v port ':%04X' "$2"
	inode=$(awk -v port="$port" '$4 == "0A" && $2 ~ port "$" { print $10 }' \
		/proc/net/tcp)
	[[ $inode ]] && readlink "/proc/$1/fd"/* | grep -qxF "socket:[$inode]"
}

listens_or_ended() {
	listens "$PID" "$PORT" || gone "$PID"
}

# start NAME: run the function NAME, which starts a super-server as PID, until
# one of them has got PORT. Systems do not give such ports by themselves, so
# that only who does as we do can be at it.
start() {
	local try

	for ((try = 0; try < 5; try++)); do
		PORT=$((20000 + RANDOM % 10000))
		INDEX=127.0.0.1:$PORT
		"$1"
		SERVER=$PID
		eventually 5 listens_or_ended || true
		! listens "$PID" "$PORT" || return 0
		end "$PID"
	done
	cat server.out server.err >&2
	return 1
}

# alone: whether there is one index, and nobody who hands over to it.
alone() {
	(($(indexes "^[^ ]*indexd -i --idle-exit 2 --pidfile $PWD/pid") == 1))
}

# serves_one_index: what one connection registers another finds, and so it is
# again with another index once the first one has gone.
serves_one_index() {
	local round first=

	for round in first second; do
		peer "$round" 'HELLO 9001 nap/2' "ADD 1 1 - $round" SYNC
		wait_for_line "$round.out" '^OK 1 0'
		run ask "FIND -- $round"
		assert_line --partial "/$round"
		assert_line 'END 1 1'
		refute [ "$(cat pid)" = "$first" ]
		first=$(cat pid)
		wait_until alone
		end "$first"
	done
}

inetd_conf() {
	echo "$INDEX stream tcp $WAIT $(id -un) $INDEXD indexd ${OPTIONS[*]}" \
		>inetd.conf
	spawn server inetd -d -i inetd.conf
}

xinetd_conf() {
	cat >xinetd.conf <<-END
		defaults
		{
			log_type = FILE $PWD/xinetd.log
		}
		service index
		{
			type = UNLISTED
			socket_type = stream
			protocol = tcp
			bind = 127.0.0.1
			port = $PORT
			wait = $WAIT
			user = $(id -un)
			server = $INDEXD
			server_args = ${OPTIONS[*]}
		}
	END
	spawn server xinetd -dontfork -f xinetd.conf \
		-pidfile "$PWD/xinetd.pid"
}

tcpserver_line() {
	spawn server tcpserver -HRl0 127.0.0.1 "$PORT" "$INDEXD" "${OPTIONS[@]}"
}

socat_line() {
	spawn server socat "TCP-LISTEN:$PORT,bind=127.0.0.1,reuseaddr,fork" \
		"EXEC:$INDEXD ${OPTIONS[*]},nofork"
}

activate_each() {
	spawn server systemd-socket-activate --inetd -a -l "$INDEX" \
		"$INDEXD" "${OPTIONS[@]}"
}

activate_once() {
	spawn server systemd-socket-activate -l "$INDEX" \
		"$INDEXD" --idle-exit 1
}

@test "inetd, nowait" {
	need inetd
	WAIT=nowait start inetd_conf
	serves_one_index
}

@test "inetd, wait" {
	need inetd
	WAIT=wait start inetd_conf
	serves_one_index
}

@test "xinetd, wait = no" {
	need xinetd
	WAIT=no start xinetd_conf
	serves_one_index
}

@test "xinetd, wait = yes" {
	need xinetd
	WAIT=yes start xinetd_conf
	serves_one_index
}

installed_entry() {
	sed -E -e "/flags|^[[:space:]]*#/d; s|(server[[:space:]]*=).*|\1 $INDEXD|" \
		-e "s|(disable[[:space:]]*=).*|\1 no|" \
		-e "s|(user[[:space:]]*=).*|\1 $(id -un)|" \
		-e "s|(port[[:space:]]*=).*|\1 $PORT\nbind = 127.0.0.1|" \
		-e "s|(server_args[[:space:]]*= --inetd)|\1 --pidfile $PWD/pid|" \
		"$BUILD/indexd/xinetd.d/indexd" >xinetd.conf
	spawn server xinetd -dontfork -f xinetd.conf \
		-pidfile "$PWD/xinetd.pid"
}

@test "xinetd, with the entry that comes with indexd" {
	need xinetd
	start installed_entry
	run ask PING
	assert_output PONG
}

@test "tcpserver" {
	need tcpserver
	start tcpserver_line
	serves_one_index
}

@test "socat, EXEC with nofork" {
	need socat
	start socat_line
	serves_one_index
}

socat_pair() {
	spawn server socat "TCP-LISTEN:$PORT,bind=127.0.0.1,reuseaddr,fork" \
		"EXEC:$INDEXD ${OPTIONS[*]}"
}

@test "socat, EXEC without nofork is told what it lacks" {
	need socat
	start socat_pair
	run ask PING
	refute_output --partial PONG
	wait_for_line server.err "indexd: .* EXEC:...,nofork"
}

@test "systemd, a process for each connection (--inetd --accept)" {
	need systemd-socket-activate
	start activate_each
	serves_one_index
}

@test "systemd, Accept=no" {
	need systemd-socket-activate
	start activate_once
	peer song 'HELLO 9001 nap/2' 'ADD 1 1 - song' SYNC
	wait_for_line song.out '^OK 1 0'
	run ask 'FIND -- song'
	assert_line --partial /song
	kill "$PEER"
	wait "$SERVER"
}

@test "systemd, Accept=yes without --inetd is refused" {
	need systemd-socket-activate
	OPTIONS=()
	start activate_each_plain
	run ask PING
	refute_output --partial PONG
	wait_for_line server.err 'must listen \(Accept=no\)'
}

activate_each_plain() {
	spawn server systemd-socket-activate -a -l "$INDEX" "$INDEXD"
}
