#ifndef NAP_TESTS_HASHED_H
#define NAP_TESTS_HASHED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "nshare/hashes.h"
#include "nshare/hashes_file.h"

/* Digests of files that nobody has, and the file in which they are kept. */
#define RECORD HASHES_RECORD_BYTES
#define FILE_NAME "cache/naputils/digests"

/* A day, and noon of it or of one after that. */
#define HASHED_DAY 21000
#define HASHED_NOON(later) (((time_t)HASHED_DAY + (later)) * 86400 + 43200)
#define HASHED_NOW HASHED_NOON(0)

/* A fresh directory, called top, as the working directory. */
void hashed_begin(char *top, size_t size);
void hashed_end(const char *top);

/* A command of the shell. */
void hashed_run(const char *command);

/* The file is not there any more, nor are its directories. */
void hashed_clear(void);

/* The i-th file, as it was found the version-th time, and its digest. */
struct stat hashed_stat(uint64_t i, uint64_t version);
struct digest hashed_digest(uint64_t i, uint64_t version);

bool hashed_put(struct hashes *h, uint64_t i, uint64_t version);

/* Whether its digest is known, and right. */
bool hashed_knows(struct hashes *h, uint64_t i, uint64_t version);

/* How many of count files from the first on are known in that version. */
size_t hashed_known(
    struct hashes *h, uint64_t first, size_t count, uint64_t version);

/* With nothing, and with what the file holds, now and so many days later. */
struct hashes *hashed_new(void);
struct hashes *hashed_kept(void);
struct hashes *hashed_kept_later(int days);

/* -1 when nothing is there. */
long long hashed_size(const char *path);

/* What the file holds, size bytes at most; returns how many. */
size_t hashed_load(char *bytes, size_t size);
void hashed_save(const char *bytes, size_t size);

/* A file of count records, of the files 0, 1 and so on. */
void hashed_write(size_t count);

#endif
