# Compatibility with the original program, both ways: a stand-in that shares
# its faults (tests/seed.c) plays each role against ours.

load common

# start_seed NAME ARGUMENT...: SEED is its address.
start_seed() {
	spawn "$1" seed "${@:2}"
	wait_for_line "$1.out" "listening on $PATTERN_ADDR" || return
	SEED=${MATCH##* }
}

@test "its client announces to our index, and searches" {
	start_indexd
	exec 8<>"/dev/tcp/${INDEX%:*}/${INDEX##*:}"
	printf 'HELLO 7001\nFILE their song.mp3\nDONE\n' >&8
	listed() {
		seed client "$INDEX" 7002 'their song.mp3' | grep -q :
	}
	wait_until listed
	run seed client "$INDEX" 7002 'their song.mp3' 'own song'
	assert_success
	assert_output 127.0.0.1:7001
	run seed client "$INDEX" 7002 'none such'
	assert_output END
	run seed client "$INDEX" 7002 'own song' 'own song'
	assert_output END
	exec 8>&-
}

@test "its client finds our share in our index, and what it fetches there" {
	mkdir share
	echo la >'share/My Song.mp3'
	start_indexd
	start_nshare share
	run seed client "$INDEX" 7002 'My Song.mp3'
	assert_output "$SHARE"
	run say "$SHARE" <<<'GET My Song.mp3'
	assert_output la
	run say "$SHARE" <<<'GET none'
	refute_output
}

@test "our share registers with its index, and our client finds it there" {
	mkdir share in
	echo la >'share/My Song.mp3'
	printf x >share/$'\xff'
	start_seed index index
	export NAP_INDEX=$SEED
	start_nshare share
	run --separate-stderr nfind 'My Song.mp3'
	assert_success
	assert_output "${SHARE}/My%20Song.mp3"
	cd in
	nfind My Song.mp3 | head -1 | xargs nget
	run cmp 'My Song.mp3' '../share/My Song.mp3'
	assert_success
}

@test "what its peer serves is fetched by ours, found in its index or in ours" {
	mkdir share in
	printf 'la\0la\n' >'share/My Song.mp3'
	start_seed peer peer share
	peer=$SEED
	start_seed index index
	index=$SEED
	run seed client "$index" "${peer##*:}" - 'My Song.mp3'
	cd in
	nfind -I "$index" 'My Song.mp3' | head -1 | xargs nget
	run cmp 'My Song.mp3' '../share/My Song.mp3'
	assert_success
	rm 'My Song.mp3'

	start_indexd
	exec 8<>"/dev/tcp/${INDEX%:*}/${INDEX##*:}"
	printf 'HELLO %s\nFILE My Song.mp3\nDONE\n' "${peer##*:}" >&8
	wait_until nfind -q song
	run --separate-stderr bash -c 'nfind song | xargs nget'
	assert_success
	run cmp 'My Song.mp3' '../share/My Song.mp3'
	assert_success
	exec 8>&-
}

@test "both indexes asked at once answer as one" {
	mkdir share
	echo la >song
	cp song share/
	start_seed index index
	seed=$SEED
	start_indexd
	export NAP_INDEX="$INDEX,$seed"
	start_nshare share
	run nfind song
	assert_output "$SHARE/song"
}
