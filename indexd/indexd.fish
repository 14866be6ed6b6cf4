# What fish completes behind indexd.

complete -c indexd -f
complete -c indexd -s l -l listen -x -d 'Listen there'
complete -c indexd -s 4 -d 'On IPv4 addresses alone'
complete -c indexd -s 6 -d 'On IPv6 addresses alone'
complete -c indexd -s t -l threads -x -d 'Workers'
complete -c indexd -s d -l daemon -d 'Detach once listening; log to syslog'
complete -c indexd -l pidfile -r -F -d 'Write the process id there'
complete -c indexd -s u -l user -x -a '(__fish_complete_users)' \
	-d 'Become that user once listening'
complete -c indexd -s i -l inetd -d 'Serve the socket that is descriptor 0'
complete -c indexd -l handoff -r -F \
	-d 'Where the index that serves all is found'
complete -c indexd -l idle-exit -x \
	-d 'Leave when nobody was connected for so long'
complete -c indexd -l sandbox -x -a 'off try require' -d 'Confine itself'
complete -c indexd -l max-conns -x -d 'Connections per address'
complete -c indexd -l max-peers -x -d 'Registered peers'
complete -c indexd -l max-files -x -d 'Files per peer'
complete -c indexd -l find-rate -x -d 'Searches per address and second'
complete -c indexd -l add-rate -x \
	-d 'Lines that register per address and second'
complete -c indexd -l idle-timeout -x -d 'Seconds of silence without HELLO'
complete -c indexd -l ping-interval -x \
	-d 'Seconds of silence until a peer is asked'
complete -c indexd -l ping-timeout -x \
	-d 'Seconds that a peer has to answer'
complete -c indexd -l stall-timeout -x \
	-d 'Seconds that answers may wait for a client'
complete -c indexd -l trust -x -d 'Addresses that limits spare'
complete -c indexd -s v -l verbose -d 'Say more'
complete -c indexd -s h -l help -d 'Show the options'
complete -c indexd -s V -l version -d 'Show the version'
