# The recipes of README.md, as they stand there.

load common

need() {
	command -v "$1" >/dev/null || skip "$1 is not installed"
}

# recipe HEADING: the block of code below it.
recipe() {
	awk -v heading="### $1" '
		/^```/ && code { exit }
		code
		/^#/ && !code { here = $0 == heading }
		/^```/ && here { code = 1 }
	' "$SOURCE/README.md"
}

# cook HEADING: run it. What its last command ends with is its status.
cook() {
	recipe "$1" >recipe
	assert_file_not_empty recipe
	run --separate-stderr bash recipe
}

# script HEADING NAME: it is a script, ~/bin/NAME.
script() {
	recipe "$1" >"home/bin/$2"
	assert_file_contains "home/bin/$2" '^#!/bin/bash$'
	chmod +x "home/bin/$2"
}

# stand_in NAME: a command of that name is the script on standard input.
stand_in() {
	mkdir -p bin
	{
		echo '#!/bin/bash'
		cat
	} >"bin/$1"
	chmod +x "bin/$1"
}

setup() {
	common_setup
	export HOME=$PWD/home
	mkdir -p home/in home/bin share/Album 'share/Another Album'
	PATH=$PWD/bin:$PATH
	echo 'la la' >'share/Album/My Song.ogg'
	echo lo >'share/Another Album/the live song.flac'
	echo li >'share/Another Album/a live song, too.flac'
	echo 'all is done' >share/notes.txt
	echo 'todo: sing' >'share/Album/notes of "mine".txt'
	touch -d '2001-01-01' 'share/Album/My Song.ogg'
	touch -d '2002-02-02' 'share/Another Album/the live song.flac'
	touch -d '2003-03-03' 'share/Another Album/a live song, too.flac'
}

# network: an index and a peer, whose files all have an o, and their digests
# are known.
network() {
	start_indexd
	HASH=yes start_nshare share
	export peer=$SHARE
	wait_until digested
}

digested() {
	[[ $(nfind -H o | grep -c '#sha256=') == "$(find share -type f | wc -l)" ]]
}

@test "Listen, look, grep" {
	need curl
	stand_in mpv <<-'EOF'
		if [[ $1 == --playlist=- ]]; then
			xargs curl -fsS
		else
			curl -fsS "$1"
		fi
	EOF
	network
	cook 'Listen, look, grep'
	assert_equal "$output" "la la
la la
all is done
$peer/Album/notes%20of%20%22mine%22.txt:todo: sing"
	assert_equal "$stderr" ''
}

@test "Choose" {
	stand_in fzf <<<'sed -n 2p'
	network
	cook 'Choose'
	assert_success
	assert_output "$HOME/in/the live song.flac"
	stand_in fzf <<<'cat >/dev/null; exit 130'
	cook 'Choose'
	assert_success
	assert_output ''
}

@test "Several at a time" {
	network
	for again in '' again; do
		cook 'Several at a time'
		assert_success
		assert_equal "$(ls home/in)" $'a live song, too.flac\nthe live song.flac'
	done
}

@test "Ask with jq" {
	need jq
	network
	cook 'Ask with jq'
	assert_success
	assert_equal "$stderr" ''
	assert_equal "${#lines[@]}" 5
	assert_file_exists 'home/in/My Song.ogg'
	assert_equal "${lines[3]}" "$HOME/in/a live song, too.flac"
	assert_equal "${lines[4]}" "12 ${peer%:*}"
}

@test "What a colleague has that I don't" {
	network
	mkdir -p my/Album
	echo mine >'my/Album/My Song.ogg'
	echo mine >my/other.txt
	NAME=mine start_nshare my
	export mine=$SHARE
	cook "What a colleague has that I don't"
	assert_success
	assert_equal "$(LC_ALL=C ls home/in)" 'a live song, too.flac
notes of "mine".txt
notes.txt
the live song.flac'
	rm -r my/* home/in/*
	end "$NSHARE"
	cook "What a colleague has that I don't"
	assert_failure 3
	assert_equal "$(ls home/in)" ''
}

# state DIR: of each file, which one it is and when it changed.
state() {
	find "$1" -printf '%p %i %T@ %C@\n' | sort
}

@test "Mirror a share" {
	local names=(-rf/-n "it's \$(touch run);" 100% %41 ' lead' 'trail ' \
		'back\slash' '*' '~' $'\xff' 'a\x41\n' 日本語)
	script 'Mirror a share' mirror
	for name in "${names[@]}"; do
		mkdir -p "share/$(dirname -- "$name")"
		echo "$name" >"share/$name"
	done
	start_indexd
	start_nshare share
	run --separate-stderr home/bin/mirror "$SHARE" copy
	assert_success
	assert_equal "${#lines[@]}" "$(find share -type f | wc -l)"
	run diff -r share copy
	assert_success
	state copy >before

	run home/bin/mirror "$SHARE" copy
	assert_success
	refute_output
	run diff before <(state copy)
	assert_success

	echo new >'share/Album/a new song'
	wait_until nfind -q 'a new song'
	run home/bin/mirror "$SHARE" copy
	assert_success
	assert_output 'copy/Album/a new song'
	assert_file_not_exists run
}

@test "a mirror says what fails, and has the rest" {
	script 'Mirror a share' mirror
	mkdir copy
	echo in the way >copy/Album
	start_indexd
	start_nshare share
	run --separate-stderr home/bin/mirror "$SHARE" copy
	assert_failure
	assert_regex "$stderr" copy/Album
	assert_file_exists 'copy/Another Album/the live song.flac'
	run home/bin/mirror 127.0.0.1:1 copy
	assert_failure 3
}

@test "a mirror holds nothing outside of it, and nothing hidden" {
	local listing='..%2Fup\n../up\na/%2e%2e/%2e%2e/up\n/up\n.ssh/authorized_keys\na/.b/c\n.profile\n-o\nx%0Ay\na//b\n%zz\nfine/song\n'

	script 'Mirror a share' mirror
	mkdir -p here/copy
	start_puppet "head
send HTTP/1.1 200 OK\\r\\nContent-Type: text/plain\\r\\nContent-Length: $(printf %b "$listing" | wc -c)\\r\\n\\r\\n$listing
wait-close"
	cd here
	run --separate-stderr ../home/bin/mirror "$PUPPET" copy
	assert_success
	assert_equal "$(find . -type f | sort)" $'./copy/-o\n./copy/fine/song'
	run ls -A ..
	refute_line up
}

# nightly: run each line of the crontab as cron would: sh, and an environment of
# its own, though with the index, the peer and the programs of this test.
nightly() {
	local command

	while read -r command; do
		env -i HOME="$HOME" PATH="$PATH" NAP_INDEX="$NAP_INDEX" \
			XDG_CACHE_HOME="$XDG_CACHE_HOME" PEER="$peer" \
			/bin/sh -c "$command" </dev/null || echo "status $?" >>failed
	done < <(sed -nE 's/^([0-9*]+ +){5}(.*)/\2/p' crontab)
}

@test "Every night" {
	script 'Mirror a share' mirror
	recipe 'Every night' >crontab
	run grep -cvE '^[A-Z_]+=|^([0-9*]+ ){5} [^%]+$' crontab
	assert_output 0
	for setting in PATH NAP_INDEX PEER; do
		assert_file_contains crontab "^$setting=."
	done
	network
	for again in '' again; do
		run nightly
		refute_output
		assert_file_not_exists failed
	done
	assert_file_exists 'home/in/the live song.flac'
	run diff -r share home/Music
	assert_success

	# Mail says what is wrong.
	end "$NSHARE"
	end "$INDEXD"
	run nightly
	assert_line --partial "nfind: $NAP_INDEX: "
	assert_line --partial "nget: $peer: "
}

@test "In a script that cares" {
	script 'In a script that cares' fetch
	network
	run home/bin/fetch 'My Song'
	assert_success
	assert_file_exists 'home/in/My Song.ogg'
	run home/bin/fetch 'no such song'
	assert_failure 1
	echo another >'home/in/notes.txt'
	run home/bin/fetch notes
	assert_failure 1
	assert_output --partial 'notes.txt: exists already'
	end "$INDEXD"
	run home/bin/fetch 'My Song'
	assert_failure 75
}

@test "every recipe is tried" {
	recipes=$(sed -n '/^## Recipes/,/^## Limits/s/^### //p' "$SOURCE/README.md")
	assert_equal "$(wc -l <<<"$recipes")" 8
	while read -r heading; do
		run grep -cF "@test \"$heading\"" "$BATS_TEST_FILENAME"
		assert_output 1
	done <<<"$recipes"
}
