# What fish completes behind nshare.

complete -c nshare -x -a '(__fish_complete_directories)'
complete -c nshare -s I -l index -x -d 'Register there'
complete -c nshare -s l -l listen -x -d 'Serve on that address alone'
complete -c nshare -s p -l port -x -d 'Serve on that port'
complete -c nshare -l exclude -x -d 'Do not share what is called so'
complete -c nshare -l hidden -d 'Share dotfiles too'
complete -c nshare -l no-hash -d 'Do not compute digests'
complete -c nshare -l no-watch -d 'Do not follow changes'
complete -c nshare -l slots -x -d 'Downloads at the same time'
complete -c nshare -l rate -x -d 'Bytes a second, shared by all downloads'
complete -c nshare -l max-conns -x -d 'Connections per address'
complete -c nshare -l ping-interval -x \
	-d 'Seconds of silence until an index is asked'
complete -c nshare -l ping-timeout -x \
	-d 'Seconds that an index has to answer'
complete -c nshare -l stall-timeout -x \
	-d 'Seconds that a reader may take nothing'
complete -c nshare -s d -l daemon -d 'Detach once every index has the files'
complete -c nshare -l timeout -x -d 'How long that may take'
complete -c nshare -s u -l user -x -a '(__fish_complete_users)' \
	-d 'Become that user once listening'
complete -c nshare -l sandbox -x -a 'off try require' -d 'Confine itself'
complete -c nshare -s q -l quiet -d 'Only warnings'
complete -c nshare -s v -l verbose -d 'Say more'
complete -c nshare -s h -l help -d 'Show the options'
complete -c nshare -s V -l version -d 'Show the version'
