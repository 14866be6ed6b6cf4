# nshare: what it shares, and its life as a process (nshare(1)).

load nshare

@test "the ready line tells how many files, of what, and where" {
	mkdir share/d
	touch share/a share/d/b
	spawn nshare nshare -p 0 share
	wait_for_line nshare.err 'sharing'
	assert_regex "$MATCH" '^nshare: sharing 2 files of share at 127\.0\.0\.1:[0-9]+$'
}

@test "quiet says nothing when all is well" {
	touch share/a
	spawn nshare nshare -q -p 0 share
	wait_until found a
	run cat nshare.err
	refute_output
}

@test "a search finds every shared file below the directory, and nothing else" {
	mkdir -p share/d/e share/.h
	touch share/a share/d/e/b share/.c share/.h/d share/x.part share/x.part.from
	ln -s a share/link
	mkfifo share/fifo
	start_nshare share
	run bash -c "echo 'STAT' | talk ${INDEX%:*} ${INDEX##*:}"
	assert_line 'listings 2'
	found a
	found d/e/b
}

@test "excluded files are neither registered nor served" {
	mkdir -p share/tmp share/d
	echo x | tee share/a.bak share/d/b.bak share/tmp/c share/d/only share/keep
	start_nshare share --exclude '*.bak' --exclude tmp --exclude 'd/o*'
	run get /
	assert_line keep
	run bash -c 'wc -l <<<"$1"' - "$(listing /)"
	assert_output 1
	for path in a.bak d/b.bak tmp/c d/only; do
		get "/$path" | has_status 404
		run say "$SHARE" <<<"GET $path"
		refute_output
	done
	get /keep | has_status 200
}

@test "dotfiles are shared when asked for" {
	echo x >share/.a
	start_nshare share --hidden
	get /.a | has_status 200
	found .a
}

@test "a name with control bytes is warned of, and does no harm" {
	touch share/$'line\nfeed' share/$'\e[2J' share/ok
	start_nshare share
	assert_regex "$MATCH" 'sharing 1 files'
	run cat nshare.err
	assert_line 'nshare: not shared, its name is too long or holds control bytes: line\x0afeed'
	assert_line 'nshare: not shared, its name is too long or holds control bytes: \x1b[2J'
}

@test "many names that cannot be shared are warned of for a while only" {
	for i in {1..60}; do
		touch share/$'\t'$i
	done
	start_nshare share
	run grep -c 'not shared' nshare.err
	assert_output 20
	run grep 'in all, 60 files' nshare.err
	assert_success
}

@test "files that cannot be read are not shared, and that is said" {
	touch share/song share/closed
	chmod 0 share/closed
	start_nshare share
	assert_regex "$MATCH" 'sharing 1 files'
	run nfind -q closed
	assert_failure 1
	run get /
	refute_output --partial closed
	get /closed | has_status 404
	run grep -c 'cannot read' nshare.err
	assert_output 1
	run cat nshare.err
	assert_line 'nshare: cannot read closed: Permission denied'
}

@test "of many files that cannot be read the number is said, and each with -v" {
	touch share/{1..60}
	chmod 0 share/*
	start_nshare share
	run grep -c 'cannot read' nshare.err
	assert_output 20
	run grep 'in all, .* 60 that could not be read' nshare.err
	assert_success
	NAME=wordy start_nshare share -v
	run grep -c 'cannot read' wordy.err
	assert_output 60
}

@test "SIGTERM and SIGINT end it with 0, in the middle of downloads" {
	truncate -s 100M share/big
	echo x >share/small
	for signal in TERM INT; do
		start_nshare share --slots 1
		hold /big
		say "$SHARE" <<<'GET big' >/dev/null 2>&1 &
		kill -$signal "$NSHARE"
		wait "$NSHARE"
		exec 8<&- 8>&-
		wait $! || :
	done
}

# daemon: the process that detached, which names its directory.
daemon() {
	ps -eo pid=,args= | awk -v dir="$PWD/share" \
		'$2 ~ /nshare$/ && $NF == dir { print $1 }'
}

@test "-d returns 0 once searches find the files, and goes on" {
	touch share/a
	run timeout 30 nshare -d -p 0 "$PWD/share"
	PROCESSES+=($(daemon))
	assert_success
	assert_output --regexp '^nshare: sharing 1 files of .* at 127\.0\.0\.1:[0-9]+$'
	found a
	SHARE=${output##* }
	get /a | has_status 200
	assert_equal "$(daemon | wc -l)" 1
}

@test "-d without an index is status 3 after a while, and leaves nothing" {
	run timeout 30 nshare -d -p 0 -I 127.0.0.1:1 --timeout 1 "$PWD/share"
	assert_failure 3
	assert_line 'nshare: not registered within 1 seconds'
	assert_equal "$(daemon)" ''
}

@test "a taken default port is replaced, one that was asked for is not" {
	touch share/a
	NAME=one spawn one nshare share
	wait_for_line one.err sharing
	one=${MATCH##*:}
	spawn two nshare share
	wait_for_line two.err sharing
	assert_not_equal "${MATCH##*:}" "$one"
	run nshare -p "$one" share
	assert_failure 1
	assert_output --regexp "^nshare: listen on every address port $one: "
}

@test "a directory that is none is status 1" {
	touch file
	run nshare -p 0 none
	assert_failure 1
	assert_output 'nshare: none: No such file or directory'
	run nshare -p 0 file
	assert_failure 1
	assert_output 'nshare: file: Not a directory'
}

@test "bad usage is one line and status 2" {
	for arguments in '' 'a b' '-p x share' '-p 65536 share' '-I :x share' \
		'--slots 0 share' '--rate fast share' '--timeout 0 share' \
		'-I , share' '-l a:9 share' '-l [::1]:9 share' '-l :: share -l -x'; do
		run nshare $arguments
		assert_failure 2
		assert_equal "${#lines[@]}" 1
	done
	run nshare --nonsense
	assert_failure 2
	run nshare -l '' share
	assert_failure 2
	run nshare -I '' share
	assert_failure 2
	NAP_INDEX=a:b:c run nshare share
	assert_failure 2
}

@test "help and version go to standard output" {
	run --separate-stderr nshare --help
	assert_success
	assert_line --index 0 --partial 'Usage: nshare'
	assert_equal "$stderr" ''
	run --separate-stderr nshare -V
	assert_success
	assert_output --regexp '^nshare \(naputils\) [0-9]'
}
