#ifndef NFIND_OPTIONS_H
#define NFIND_OPTIONS_H

struct run_options;

/*
 * Fill o from files (lib/presets.h), the environment and the command line,
 * defaults included; what is wrong, --help and --version end the program. Free o->indexes. The rest points
 * into argv.
 */
void options_read(int argc, char **argv, struct run_options *o);

#endif
