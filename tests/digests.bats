# Digests: nshare computes them behind the scenes, tells indexes and those who
# fetch, and remembers them.

bats_require_minimum_version 1.5.0
load common

setup() {
	common_setup
	mkdir share
	printf 'one' >share/one.txt
	printf 'two' >share/two.txt
	start_indexd
}

# share_hashing [OPTION...]: until all digests are known; READ is how many bytes
# were read for that.
share_hashing() {
	HASH=yes start_nshare share -v "$@"
	wait_for_line nshare.err 'no digest is missing, [0-9]+ bytes'
	READ=$(grep -oE '[0-9]+ bytes' <<<"$MATCH" | cut -d' ' -f1)
}

sha256() {
	printf '%s' "$1" | sha256sum | cut -d' ' -f1
}

base64_of() {
	printf '%s' "$1" | openssl dgst -sha256 -binary | base64
}

# head_of PATH: the head that is answered to who asks for it.
head_of() {
	printf '%s\r\n' "HEAD $1 HTTP/1.1" 'Host: test' 'Connection: close' '' |
		say "$SHARE" | tr -d '\r'
}

known() {
	nfind -H one | grep -q sha256=
}

cache() {
	echo "$XDG_CACHE_HOME/naputils/digests"
}

# cache_has BYTES: whether it has so many, 96 for each file.
cache_has() {
	[ -f "$(cache)" ] && [ "$(wc -c <"$(cache)")" -eq "$1" ]
}

@test "searches tell the digest once it is known" {
	share_hashing
	wait_until known
	run nfind one
	assert_output "$SHARE/one.txt#sha256=$(sha256 one)"
	run nfind --hash "$(sha256 two)"
	assert_output "$SHARE/two.txt#sha256=$(sha256 two)"
	run nfind --hash "$(sha256 three)"
	assert_equal "$status" 1
}

@test "who fetches is told too, and verifies" {
	share_hashing
	run head_of /one.txt
	assert_line --regexp '^Repr-Digest: sha-256=:[A-Za-z0-9+/]{43}=:$'
	if command -v openssl >/dev/null; then
		assert_line "Repr-Digest: sha-256=:$(base64_of one):"
	fi
	run nget "$SHARE/one.txt"
	assert_success
	assert_equal "$(<one.txt)" one
	run nget -I 127.0.0.1:1 "$SHARE/two.txt#sha256=$(sha256 one)"
	assert_equal "$status" 4
	run nget "$SHARE/two.txt#sha256=$(sha256 one)"
	assert_success
	assert_equal "$(<two.txt)" one
}

@test "a digest is remembered: the next nshare reads nothing" {
	share_hashing
	assert_equal "$READ" 6
	end "$NSHARE"
	assert_file_permission 600 "$(cache)"
	assert_file_permission 700 "$(dirname "$(cache)")"
	share_hashing
	assert_equal "$READ" 0
	wait_until known
	run nfind one
	assert_output "$SHARE/one.txt#sha256=$(sha256 one)"
	end "$NSHARE"
	printf 'more' >share/one.txt
	share_hashing
	assert_equal "$READ" 4
}

@test "a file that has changed has the old digest no more" {
	share_hashing
	printf 'one more' >share/one.txt
	run head_of /one.txt
	refute_line --partial Repr-Digest
	run head_of /two.txt
	assert_line --partial Repr-Digest
	run nget "$SHARE/one.txt"
	assert_success
	assert_equal "$(<one.txt)" 'one more'
}

@test "what is remembered and makes no sense is not believed" {
	share_hashing
	end "$NSHARE"
	head -c 300000 /dev/urandom >"$(cache)"
	share_hashing
	assert_equal "$READ" 6
	end "$NSHARE"
	share_hashing
	assert_equal "$READ" 0
}

@test "a cache that another wrote anew or removed is gone on with" {
	share_hashing
	cp "$(cache)" "$(cache).other"
	mv "$(cache).other" "$(cache)"
	printf 'three' >share/three.txt
	wait_until cache_has 288
	rm "$(cache)"
	printf 'four' >share/four.txt
	wait_until cache_has 384
	end "$NSHARE"
	share_hashing
	assert_equal "$READ" 0
}

@test "a cache that cannot be written is told, and all goes on" {
	mkdir -p "$(cache)"
	share_hashing
	run grep -F "$(cache)" nshare.err
	assert_success
	wait_until known
}

@test "an index that comes back is told the digests at once" {
	local port=${INDEX##*:}

	share_hashing
	wait_until known
	end "$INDEXD"
	start_indexd -l "127.0.0.1:$port"
	wait_until known
	run nfind one
	assert_output "$SHARE/one.txt#sha256=$(sha256 one)"
}

@test "--no-hash computes nothing and remembers nothing" {
	start_nshare share
	run nfind one
	assert_output "$SHARE/one.txt"
	run head_of /one.txt
	refute_line --partial Repr-Digest
	assert_not_exist "$(cache)"
}
