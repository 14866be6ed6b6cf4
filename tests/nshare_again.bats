# nshare: who asks for a file again and again gets what it holds now.

load nshare

# dial: descriptor 9 is a connection, which one worker serves for life.
dial() {
	exec 9<>"/dev/tcp/${SHARE%:*}/${SHARE##*:}"
}

# ask TARGET [FIELD...]: on that connection; STATUS, ETAG and BODY are of the
# answer.
ask() {
	local line length=0

	printf '%s\r\n' "GET $1 HTTP/1.1" 'Host: test' "${@:2}" '' >&9
	read -r _ STATUS _ <&9
	ETAG=
	while read -r line <&9 && [[ ${line%$'\r'} ]]; do
		line=${line%$'\r'}
		case $line in
		Content-Length:*) length=${line##* } ;;
		ETag:*) ETAG=${line##* } ;;
		esac
	done
	BODY=$(head -c "$length" <&9)
}

# asked_and_holds FILE: whether nshare, once asked for it, will use it again. Of
# one that has changed within two seconds it does not.
asked_and_holds() {
	((EPOCHSECONDS >= $(stat -c %Z "$1") + 2)) || return 1
	ask "/${1#share/}"
	holds "$1"
}

holds() {
	find "/proc/$NSHARE/fd" -lname "$(pwd -P)/$1*" 2>/dev/null | grep -q .
}

# answers TARGET STATUS [BODY]: on that connection, now.
answers() {
	ask "$1"
	assert_equal "$1: $STATUS" "$1: $2"
	[[ $2 != 200 ]] || assert_equal "$BODY" "$3"
}

@test "who asks for a file again and again learns of every change at once" {
	mkdir share/d
	for file in rewritten cut grown replaced moved deleted linked; do
		echo one >share/d/$file
	done
	start_nshare share
	dial
	for file in share/d/*; do
		wait_until asked_and_holds $file
		answers "/${file#share/}" 200 one
		before=$ETAG
		case ${file##*/} in
		rewritten) echo two >$file ;;
		cut) truncate -s 2 $file ;;
		grown) echo more >>$file ;;
		replaced) echo two >new && mv new $file ;;
		moved) mv $file share/here ;;
		deleted) rm $file ;;
		linked) ln -sf "$PWD/share/here" $file ;;
		esac
		case ${file##*/} in
		rewritten | replaced) answers "/${file#share/}" 200 two ;;
		cut) answers "/${file#share/}" 200 on ;;
		grown) answers "/${file#share/}" 200 $'one\nmore' ;;
		*) answers "/${file#share/}" 404 ;;
		esac
		assert_not_equal "$ETAG" "$before"
	done
	answers /here 200 one
}

@test "a file that may no longer be read is gone at once" {
	echo one >share/a
	start_nshare share
	dial
	wait_until asked_and_holds share/a
	chmod 0 share/a
	answers /a 404
}

@test "a directory that becomes a link is no way out for longer than a second" {
	mkdir share/d other
	echo inside >share/d/f
	echo outside >other/f
	start_nshare share
	dial
	wait_until asked_and_holds share/d/f
	mv share/d away
	ln -s ../other share/d
	wait_until answers_nothing_outside
}

# Until it is noticed, the file is what it was, and never another one.
answers_nothing_outside() {
	ask /d/f
	[[ $STATUS == 404 || $BODY == inside ]] || fail "got: $STATUS $BODY"
	[[ $STATUS == 404 ]]
}

@test "who is asked no more holds no file" {
	echo one >share/a
	start_nshare share
	dial
	wait_until asked_and_holds share/a
	wait_until holds_nothing
	answers /a 200 one
}

holds_nothing() {
	! holds share/
}

@test "an open file is answered in parts, in one go, and not when it is known" {
	printf 0123456789 >share/a
	seq 300000 >share/big
	start_nshare share
	dial
	wait_until asked_and_holds share/a
	ask /a 'Range: bytes=2-4'
	assert_equal "$STATUS $BODY" '206 234'
	ask /a 'Range: bytes=-2'
	assert_equal "$STATUS $BODY" '206 89'
	ask /a 'Range: bytes=10-'
	assert_equal "$STATUS" 416
	ask /a "If-None-Match: $(get /a | sed -n 's/^ETag: //p')"
	assert_equal "$STATUS" 304
	printf 'GET /a HTTP/1.1\r\nHost: a\r\nRange: bytes=%d-%d\r\n\r\n' \
		0 1 2 3 4 5 6 7 8 9 >&9
	for part in 01 23 45 67 89; do
		read -r _ STATUS _ <&9
		assert_equal "$STATUS" 206
		while read -r line <&9 && [[ ${line%$'\r'} ]]; do :; done
		assert_equal "$(head -c 2 <&9)" $part
	done
	for first in 0 1000 20000 1900000; do
		ask /big "Range: bytes=$first-"
		[[ $BODY == "$(tail -c +$((first + 1)) share/big)" ]]
	done
}
