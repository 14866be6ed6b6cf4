# What files say counts less than the environment and the command line, and what
# is wrong with them is told with file and line. indexd reads them again.

load common

CONFIG=config/naputils/config

setup() {
	common_setup
	mkdir -p config/naputils
}

# config LINE...: the user's file, replaced by another.
config() {
	printf '%s\n' "$@" >config/naputils/new
	mv config/naputils/new $CONFIG
}

# refuses LINE TEXT COMMAND...: with status 2, because of that line.
refuses() {
	run timeout 10 "${@:3}"
	assert_failure 2
	assert_output "$3: $PWD/$CONFIG:$1: $2"
}

# options PROGRAM: the long ones that its help names, without hyphens.
options() {
	"$1" --help | grep -oE '^ +(-., )?(-., )?--[a-z-]+' | sed 's/.*--//'
}

# again N LINE...: have indexd read that, which is its Nth time.
again() {
	config "${@:2}"
	kill -HUP "$INDEXD"
	read_again() {
		(($(grep -c 'configuration' indexd.err) == $1))
	}
	wait_until read_again "$1"
}

# most: how many files a peer may have, up to 9.
most() {
	{
		echo 'HELLO 9001 nap/2'
		for i in {1..9}; do
			echo "ADD 1 1 - $i"
		done
		echo SYNC
	} | say "$INDEX" | awk 'NR == 2 { print $2 }'
}

@test "an index comes from the option, the environment or a file, in this order" {
	mkdir share
	config 'index = 127.0.0.1:1' 'timeout = 1'
	for program in nfind 'nshare -v -p 0 -d --no-hash'; do
		operand=$PWD/share
		run timeout 30 $program "$operand"
		assert_output --partial 127.0.0.1:1
		NAP_INDEX=127.0.0.1:2 run timeout 30 $program "$operand"
		assert_output --partial 127.0.0.1:2
		refute_output --partial 127.0.0.1:1
		NAP_INDEX=127.0.0.1:2 run timeout 30 \
			$program -I 127.0.0.1:3 "$operand"
		assert_output --partial 127.0.0.1:3
		refute_output --regexp '127.0.0.1:[12]'
	done
}

@test "the system's file is in /etc, unless configure was told otherwise" {
	if [[ ! -x $BUILD/config.status ||
		$("$BUILD/config.status" --config) == *sysconfdir* ]]; then
		skip 'it may be elsewhere'
	fi
	for program in indexd nfind nget nshare; do
		run $program --help
		assert_line '  /etc/naputils.conf'
	done
}

@test "the user's file comes after that of the system" {
	system=$(nfind --help | sed -n 's/^  \(\/.*\/naputils.conf\)$/\1/p')
	assert_regex "$system" .
	mkdir etc
	in_system() {
		unshare -rm bash -c 'mount --bind etc "$0" && exec "$@"' \
			"${system%/*}" "$@"
	}
	in_system true || skip 'no directory can be mounted here'
	printf '%s\n' 'index = 127.0.0.1:1' '[nfind]' 'limit = many' \
		>etc/naputils.conf
	run in_system nfind song
	assert_failure 2
	assert_output "nfind: $system:3: --limit wants a number from 1 to 10000, not 'many'"
	sed -i '$d' etc/naputils.conf
	run in_system nfind song
	assert_output --partial 127.0.0.1:1
	config 'index = 127.0.0.1:2'
	run in_system nfind song
	assert_output --partial 127.0.0.1:2
	refute_output --partial 127.0.0.1:1
}

@test "nfind, nshare and nget do what a file says, unless an option says other" {
	start_indexd
	mkdir share here there
	echo la >share/song
	echo la >share/.song
	echo lala >share/song.bak
	echo la >share/song.tmp
	config '[nshare]' 'hidden = yes' 'exclude = *.bak' 'no-hash = yes' \
		'port = 0' '[nfind]' 'limit = 1' '[nget]' "directory = $PWD/here"
	spawn nshare nshare --exclude '*.tmp' share
	wait_for_line nshare.err 'sharing 2 files'
	run --separate-stderr nfind song
	assert_equal "${#lines[@]}" 1
	run --separate-stderr nfind -n 9 song
	assert_equal "${#lines[@]}" 2
	run nfind --exact song
	assert_success
	song=${lines[0]}
	run nget "$song"
	assert_success
	assert_file_exists here/song
	run nget -d there "$song"
	assert_success
	assert_file_exists there/song
}

@test "indexd does what a file says, unless an option says other" {
	config '[indexd]' 'max-files = 3' 'verbose = yes'
	start_indexd
	assert_equal "$(most)" 3
	end "$INDEXD"
	start_indexd --max-files 4
	assert_equal "$(most)" 4
}

@test "a list in a file takes the place of one before, and gives way to the next" {
	config 'listen = 127.0.0.1:1' '[indexd]' 'listen = 127.0.0.1:0' \
		'listen = 127.0.0.2:0'
	spawn files indexd
	wait_for_line files.err 'listening on 127.0.0.2:' "$PID"
	run cat files.err
	assert_equal "${#lines[@]}" 2
	start_indexd -l 127.0.0.3:0
	run cat indexd.err
	assert_equal "${#lines[@]}" 1
}

@test "what is wrong is told with file and line, and status 2" {
	config '# mine' '' 'timeout = soon'
	refuses 3 "--timeout wants a number from 1 to 3600, not 'soon'" nfind x
	refuses 3 "--timeout wants a number from 1 to 86400, not 'soon'" nget x/y
	refuses 3 "--timeout wants a number from 1 to 86400, not 'soon'" nshare .
	config '[indexd]' 'max-conns = 0' '[nfind]' 'index = x:y' \
		'[nget]' 'rate = fast' '[nshare]' 'hidden = maybe'
	refuses 2 "--max-conns wants a number from 1 to 4294967295, not '0'" \
		indexd
	refuses 4 "--index 'x:y': it is no host[:port]" nfind x
	refuses 6 "--rate wants a size such as 500, 64K or 2G, not 'fast'" \
		nget x/y
	refuses 8 "hidden wants yes or no, not 'maybe'" nshare .
	for program in indexd 'nfind x' 'nget x/y' 'nshare .'; do
		config 'verbose = no' 'verbose'
		refuses 2 'there is no =' $program
		config 'verbos = no'
		refuses 1 "no program has an option 'verbos'" $program
		config "[${program% *}]" 'help = no'
		refuses 2 "'help' is for the command line alone" $program
	done
}

@test "a file that cannot be read is an error, one that is not there is none" {
	mkdir $CONFIG
	run timeout 10 nfind x
	assert_failure 2
	assert_output "nfind: $PWD/$CONFIG: Is a directory"
	rmdir $CONFIG
	head -c 70000 /dev/zero | tr '\0' '\n' >$CONFIG
	run timeout 10 nget x/y
	assert_failure 2
	assert_output "nget: $PWD/$CONFIG: it is larger than 64 KiB"
	: >$CONFIG
	if ((EUID != 0)); then
		chmod 0 $CONFIG
		run timeout 10 nget x/y
		assert_failure 2
		assert_output "nget: $PWD/$CONFIG: Permission denied"
	fi
	rm -f $CONFIG
	run nfind -I 127.0.0.1:1 x
	assert_output --partial 127.0.0.1:1
	for config in relative /dev/null; do
		XDG_CONFIG_HOME=$config run nfind -I 127.0.0.1:1 x
		assert_output --partial 127.0.0.1:1
	done
	run env -u HOME -u XDG_CONFIG_HOME nfind -I 127.0.0.1:1 x
	assert_output --partial 127.0.0.1:1
}

@test "help and version are given whatever files say" {
	config nonsense
	for program in indexd nfind nget nshare; do
		run $program --help
		assert_success
		assert_output --partial naputils.conf
		run $program --version
		assert_success
	done
}

@test "the table of lib/presets.c has every option, and none besides" {
	for program in indexd nfind nget nshare; do
		options $program
	done | sort -u >options
	sed -n 's/^    {"\([a-z-]*\)", .*/\1/p' "$SOURCE/lib/presets.c" >table
	run diff options table
	assert_success
}

@test "outside of sections a program passes over what is for others" {
	for pair in indexd:max-files nfind:limit nget:jobs nshare:slots; do
		config "${pair#*:} = many"
		for program in indexd nfind nget nshare; do
			NAP_INDEX=127.0.0.1:1 run timeout 10 \
				$program /nowhere /nor/there
			assert_failure 2
			if [[ $program == "${pair%:*}" ]]; then
				assert_output --partial "$CONFIG:1: --${pair#*:} wants"
			else
				refute_output --partial $CONFIG
			fi
		done
	done
}

@test "on SIGHUP indexd, confined, takes over what files say" {
	config '[indexd]' 'max-files = 2'
	start_indexd
	assert_equal "$(most)" 2
	again 1 '[indexd]' 'max-files = 3' 'trust = 10.0.0.0/8'
	assert_equal "$(most)" 3
	again 2 '[indexd]' 'max-files = 3' 'trust = 10.0.0.0/8'
	run cat indexd.err
	assert_line 'indexd: the configuration, read again, is the same'
	again 3 '[indexd]' 'max-files = none'
	run cat indexd.err
	assert_line --partial "stays as it was: $PWD/$CONFIG:2: --max-files wants"
	again 4 '[indexd]' 'max-files = 4' oops
	run cat indexd.err
	assert_line --partial "stays as it was: $PWD/$CONFIG:3: there is no ="
	assert_equal "$(most)" 3
	rm $CONFIG
	kill -HUP "$INDEXD"
	wait_until read_again 5
	assert_equal "$(most)" 9
}

@test "options of the command line still count, and what wants a restart is told" {
	config ''
	start_indexd --max-files 2 -t 1
	again 1 '[indexd]' 'max-files = 3' 'threads = 2' 'user = somebody' \
		'daemon = yes' 'pidfile = pid' 'listen = 127.0.0.9' 'find-rate = 7'
	run cat indexd.err
	for key in user daemon pidfile; do
		assert_line "indexd: $key has changed, and wants a restart"
	done
	refute_output --regexp '(threads|listen|max-files) has changed'
	assert_equal "$(most)" 2
	run say "$INDEX" <<<PING
	assert_output PONG
}

@test "what a service manager has started itself is no daemon because of a file" {
	config '[indexd]' 'daemon = yes'
	watched() {
		run timeout "$1" bash -c 'SYSTEMD_EXEC_PID=$(($$ + $0)) \
			exec indexd -l 127.0.0.1:0 "$@"' "${@:2}"
	}
	watched 1 0
	assert_failure 124
	watched 30 0 --daemon --pidfile pid
	assert_success
	kill "$(<pid)"
	watched 30 1 --pidfile other
	assert_success
	kill "$(<other)"
}

@test "verbosity changes with SIGHUP" {
	config ''
	start_indexd
	again 1 'verbose = yes'
	again 2 'verbose = no'
	run cat indexd.err
	assert_line 'indexd: the configuration has been read again'
	refute_output --partial 'is the same'
}

@test "indexd goes on when the process that reads its files has gone" {
	start_indexd
	reader=$(pgrep -P "$INDEXD")
	kill -KILL "$reader"
	again 1 '[indexd]' 'max-files = 2'
	again 2 '[indexd]' 'max-files = 2'
	run cat indexd.err
	assert_line --partial 'stays as it was: the process that reads it has gone'
	assert_equal "$(most)" 9
}

@test "the process that reads files has no privileges, and ends with indexd" {
	start_indexd
	reader=$(pgrep -P "$INDEXD")
	wait_until grep -q 'NoNewPrivs:.1' "/proc/$reader/status"
	run ls -l "/proc/$reader/fd"
	refute_output --partial pipe
	assert_equal "$(grep -c socket <<<"$output")" 1
	kill -HUP "$reader"
	kill -USR1 "$reader"
	again 1 '[indexd]' 'max-files = 2'
	assert_equal "$(most)" 2
	kill -KILL "$INDEXD"
	wait_until gone "$reader"
}

@test "with -u the files are read as that user, where root may reach them alone" {
	((EUID == 0)) || skip 'only root can become another user'
	getent passwd nobody >/dev/null || skip 'there is no user nobody'
	chmod 700 .
	config '[indexd]' 'max-files = 2'
	start_indexd -u nobody
	again 1 '[indexd]' 'max-files = 3'
	assert_equal "$(most)" 3
	chmod 600 $CONFIG
	kill -HUP "$INDEXD"
	wait_until read_again 2
	run cat indexd.err
	assert_line --partial "stays as it was: $PWD/$CONFIG: Permission denied"
}
