# nshare: what it tells indexes, and what they tell it (naputils(7), THE INDEX,
# CLIENTS AT A SEED'S INDEX).

load nshare

@test "an index is told the files, its load and that is all" {
	mkdir share/d
	printf 12345 >share/a
	touch -d @1234567890 share/a
	printf x >'share/d/b c'
	touch -d @1 'share/d/b c'
	start_puppet -n 1 'line
		send OK 192.0.2.1:9000\n
		expect LOAD 0 256
		expect ADD 5 1234567890 - a
		expect ADD 1 1 - d/b c
		expect SYNC
		send OK 2 0\n
		send PING\n
		expect PONG
		wait-close'
	puppet=$PID
	NAP_INDEX=$PUPPET start_nshare share
	assert_equal "$SHARE" 192.0.2.1:9000
	wait_for_line puppet.out 'got: HELLO [1-9][0-9]* nap/2$'
	end "$NSHARE"
	wait $puppet
}

@test "downloads change the load that an index is told" {
	truncate -s 100M share/big
	start_puppet 'line
		send OK 192.0.2.1:9000\n
		lines-until SYNC
		send OK 1 0\n
		lines-until LOAD 1 256
		lines-until LOAD 0 256
		wait-close'
	NAP_INDEX=$PUPPET spawn_nshare
	wait_for_line nshare.err sharing
	exec 8<>"/dev/tcp/127.0.0.1/${SHARE##*:}"
	printf 'GET /big HTTP/1.1\r\nHost: a\r\n\r\n' >&8
	wait_for_line puppet.out 'got: LOAD 1 256'
	exec 8<&- 8>&-
	eventually 30 grep -c 'got: LOAD 0 256' puppet.out
}

@test "serving on loopback alone is said to the index" {
	start_puppet -n 1 'line
		send OK 127.0.0.1:9000\n
		lines-until SYNC
		send OK 0 0\n
		wait-close'
	NAP_INDEX=$PUPPET start_nshare share -l 127.0.0.1
	wait_for_line puppet.out 'HELLO [0-9]+ nap/2 host=127\.0\.0\.1$'
}

@test "an index that cannot connect to us is warned of" {
	start_puppet 'line
		send OK 192.0.2.1:9000\n
		lines-until SYNC
		send OK 0 0\nNOTE unreachable\n
		wait-close'
	NAP_INDEX=$PUPPET spawn_nshare
	wait_for_line nshare.err "index $PUPPET: it cannot connect to"
	assert_equal "$MATCH" "nshare: index $PUPPET: it cannot connect to \
192.0.2.1:9000: nobody may be able to fetch from here (is TCP port \
${SHARE##*:} open in the firewall?)"
}

@test "an index that sees us where we do not serve is warned of as that" {
	start_puppet 'line
		send OK 127.0.0.1:9000\n
		lines-until SYNC
		send OK 0 0\nNOTE unreachable\n
		wait-close'
	NAP_INDEX=$PUPPET start_nshare share -l ::1
	wait_for_line nshare.err 'it cannot connect to 127.0.0.1:9000: .*\(we serve on \[::1\]:[0-9]+ alone\)'
}

@test "an index that repeats itself is listened to once" {
	notes=$(printf 'NOTE %s\\n' unreachable{,,,,,,,} hi{,,,,,,,})
	start_puppet "line
		send OK 192.0.2.1:9000\\n
		lines-until SYNC
		send OK 0 0\\n${notes}PING\\n
		lines-until PONG
		wait-close"
	NAP_INDEX=$PUPPET start_nshare share
	wait_for_line puppet.out 'got: PONG'
	run grep -c 'cannot connect to' nshare.err
	assert_output 1
	run grep -c ': hi$' nshare.err
	assert_output 1
}

@test "what follows an error of an index is not believed" {
	touch share/a
	start_puppet 'line
		send OK 192.0.2.1:9000\n
		lines-until SYNC
		send ERR busy now\nOK 1 0\nERR busy later\n
		wait-close'
	NAP_INDEX=$PUPPET spawn_nshare
	wait_for_line nshare.err 'it refuses: busy now; trying again'
	wait_for_line nshare.err 'again in [0-9]+ ms'
	run grep -E 'sharing|has every file|later' nshare.err
	refute_output
}

@test "what an index refuses is told with its name, and made visible" {
	start_puppet 'line
		send ERR limit go \x1b[2J away\n
		wait-close'
	NAP_INDEX=$PUPPET spawn nshare nshare -p 0 share
	wait_for_line nshare.err "index $PUPPET: it refuses: limit go"
	assert_regex "$MATCH" 'limit go \\x1b\[2J away'
}

@test "an index that hangs up on version 2 is told in the seed's form" {
	touch share/a 'share/b c' share/$'\xff'
	start_puppet -n 2 'line
		close' 'line
		expect FILE a
		expect FILE b c
		expect SEARCH b c
		send 127.0.0.1:1\nEND\n
		wait-close'
	puppet=$PID
	NAP_INDEX=$PUPPET start_nshare share
	run cat puppet.out
	assert_line --regexp 'got: HELLO [0-9]+ nap/2'
	assert_line --regexp 'got: HELLO [0-9]+$'
	run grep -c 'cannot be told of 1 files' nshare.err
	assert_output 1
	run get /a
	assert_line --index 0 'HTTP/1.1 200 OK'
	end "$NSHARE"
	wait $puppet
}

@test "without an index it says so, serves meanwhile, and registers later" {
	echo hello >share/a
	end "$INDEXD"
	spawn_nshare
	wait_for_line nshare.err "index $INDEX: Connection refused; trying again"
	run get /a
	assert_line hello
	start_indexd -l "$INDEX"
	wait_for_line nshare.err 'sharing 1 files'
	found a
	run grep -c 'trying again' nshare.err
	assert_output 1
}

@test "an index that comes back is told everything again" {
	touch share/a
	start_nshare share
	end "$INDEXD"
	start_indexd -l "$INDEX"
	wait_until found a
	run grep -c sharing nshare.err
	assert_output 1
}

@test "an index is tried again soon, at first, and by each when it likes" {
	indexes=$(printf '127.0.0.%d:1 ' {1..12})
	NAP_INDEX=$indexes spawn_nshare
	for index in $indexes; do
		wait_for_line nshare.err "index $index: again in [0-9]+ ms"
		delays nshare.err "$index" | head -1
	done | sort -n >first
	cat first
	assert_equal "$(wc -l <first)" 12
	(($(head -1 first) >= 500 && $(tail -1 first) <= 1000))
	# Twelve at random within a fifth of that time: once in five million runs.
	(($(tail -1 first) - $(head -1 first) > 100))
}

@test "an index that goes each time is tried again in the time that it should" {
	start_puppet 'close'
	NAP_INDEX=$PUPPET spawn_nshare
	tried() {
		(($(delays nshare.err "$PUPPET" | wc -l) >= 3))
	}
	wait_until tried
	comes_back_in_time nshare.err "$PUPPET"
}

@test "a share that ends is forgotten" {
	touch share/a
	start_nshare share
	found a
	end "$NSHARE"
	wait_until lost a
}

lost() {
	! found "$1"
}

@test "every index is told, and the line waits for all of them" {
	touch share/a
	first=$INDEX
	spawn second indexd -l 127.0.0.1:0
	wait_for_line second.err 'listening on'
	second=${MATCH##* }
	NAP_INDEX="$first, $second" start_nshare share
	found a
	INDEX=$second
	found a
	spawn third nshare -p 0 -I "$first" -I 127.0.0.1:1 share
	wait_for_line third.err 'index 127.0.0.1:1: .*; trying again'
	run grep sharing third.err
	refute_output
}
