/* hashtree.c: the SHA-256 of every file under some directories, computed on all processors.
 *
 *	hashtree [-j JOBS] [-p] DIRECTORY...       one line a file, as sha256sum writes them, sorted by name
 *
 * Files are read and hashed by ordinary blocking C, on threads of a pool (-p: in worker processes), as many at a time as -j
 * says; meanwhile the loop draws a progress line on stderr, if that is a terminal or $PROGRESS is set, and an interrupt
 * ends the program at once: jobs look whether anybody still waits for them.  It ends with status 1 if a file could not be read. */
#define _GNU_SOURCE /* nftw */
#include <async.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- SHA-256 (FIPS 180-4) ---- */

struct sha256 {
	uint32_t state[8];
	uint64_t size; /* bytes seen */
	unsigned char block[64];
};

static const uint32_t rounds[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotate(uint32_t x, int n)
{
	return x >> n | x << (32 - n);
}

static void compress(uint32_t state[8], const unsigned char *block)
{
	uint32_t w[64], s[8];

	for (int i = 0; i < 16; i++)
		w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 |
		       (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
	for (int i = 16; i < 64; i++)
		w[i] = w[i - 16] + w[i - 7] + (rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ w[i - 15] >> 3) +
		       (rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ w[i - 2] >> 10);
	memcpy(s, state, sizeof s);
	for (int i = 0; i < 64; i++) {
		uint32_t choice = (s[4] & s[5]) ^ (~s[4] & s[6]);
		uint32_t majority = (s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]);
		uint32_t first =
		    s[7] + (rotate(s[4], 6) ^ rotate(s[4], 11) ^ rotate(s[4], 25)) + choice + rounds[i] + w[i];
		uint32_t second = (rotate(s[0], 2) ^ rotate(s[0], 13) ^ rotate(s[0], 22)) + majority;

		memmove(s + 1, s, 7 * sizeof *s);
		s[4] += first;
		s[0] = first + second;
	}
	for (int i = 0; i < 8; i++)
		state[i] += s[i];
}

static void sha256_begin(struct sha256 *sha)
{
	static const uint32_t start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
					  0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

	memcpy(sha->state, start, sizeof start);
	sha->size = 0;
}

static void sha256_add(struct sha256 *sha, const void *data, size_t size)
{
	const unsigned char *bytes = data;

	while (size) {
		size_t used = sha->size % 64, n = 64 - used < size ? 64 - used : size;

		memcpy(sha->block + used, bytes, n);
		sha->size += n;
		bytes += n;
		size -= n;
		if (used + n == 64)
			compress(sha->state, sha->block);
	}
}

static void sha256_end(struct sha256 *sha, unsigned char digest[32])
{
	static const unsigned char padding[64] = {0x80};
	uint64_t bits = sha->size * 8;
	unsigned char length[8];

	for (int i = 0; i < 8; i++)
		length[i] = (unsigned char)(bits >> (56 - 8 * i));
	sha256_add(sha, padding, 1 + (119 - sha->size % 64) % 64);
	sha256_add(sha, length, sizeof length);
	for (int i = 0; i < 32; i++)
		digest[i] = (unsigned char)(sha->state[i / 4] >> (24 - 8 * (i % 4)));
}

/* ---- The job: one file, blocking ---- */

struct hashed {
	unsigned char digest[32];
	int error; /* errno, 0 if all is well */
	uint64_t size;
};

/* For the progress line; of worker processes only the files are known here. */
static atomic_uint_fast64_t bytes_done, files_done;

static int add_contents(int file, struct sha256 *sha)
{
	static _Thread_local char buffer[1 << 16];
	ssize_t n;

	while ((n = read(file, buffer, sizeof buffer)) != 0) {
		if (n < 0)
			return errno;
		if (async_job_cancelled())
			return ECANCELED;
		sha256_add(sha, buffer, (size_t)n);
		atomic_fetch_add(&bytes_done, (uint_fast64_t)n);
	}
	return 0;
}

static struct hashed hash_file(const char *path)
{
	struct hashed hashed = {.error = 0};
	struct sha256 sha;
	int file = open(path, O_RDONLY | O_CLOEXEC);

	if (file < 0) {
		hashed.error = errno;
		return hashed;
	}
	sha256_begin(&sha);
	hashed.error = add_contents(file, &sha);
	hashed.size = sha.size;
	sha256_end(&sha, hashed.digest);
	close(file);
	atomic_fetch_add(&files_done, 1);
	return hashed;
}

/* ---- The tree ---- */

static const char **paths;
static size_t n_paths;

static int add_path(const char *path, const struct stat *status, int type, struct FTW *place)
{
	const char **more;

	(void)place;
	if (type != FTW_F || !S_ISREG(status->st_mode))
		return 0;
	more = realloc(paths, (n_paths + 1) * sizeof *paths);
	if (!more)
		return -1;
	paths = more;
	paths[n_paths] = strdup(path);
	return paths[n_paths++] ? 0 : -1;
}

/* Walking blocks too: it is a job like others. */
static int collect(const char *directory)
{
	return nftw(directory, add_path, 32, FTW_PHYS) == 0 ? 0 : errno ? errno : ENOMEM;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* ---- The program ---- */

static async void draw_progress(void)
{
	int64_t started = async_time();

	for (;;) {
		double seconds = (double)(async_time() - started) / 1e9;
		double megabytes = (double)atomic_load(&bytes_done) / 1e6;

		fprintf(stderr, "\r%" PRIuFAST64 "/%zu files  %.1f MB  %.0f MB/s ", atomic_load(&files_done), n_paths,
			megabytes, seconds > 0 ? megabytes / seconds : 0);
		await async_sleep(0.1);
	}
}

static async void hash_all(async_executor *pool, size_t jobs, struct hashed *hashed)
{
	bool shows = isatty(2) || getenv("PROGRESS");

	async_task_group (group) {
		if (shows)
			async_create_task_in(group, draw_progress());
		await async_executor_map(pool, jobs, hashed, hash_file, paths, n_paths);
		async_group_cancel(group);
	}
	if (shows)
		fprintf(stderr, "\r%zu/%zu files, done%20s\n", n_paths, n_paths, "");
}

static int print(const struct hashed *hashed)
{
	int failed = 0;

	for (size_t i = 0; i < n_paths; i++) {
		if (hashed[i].error) {
			fprintf(stderr, "hashtree: %s: %s\n", paths[i], strerror(hashed[i].error));
			failed = 1;
			continue;
		}
		for (int k = 0; k < 32; k++)
			printf("%02x", hashed[i].digest[k]);
		printf("  %s\n", paths[i]);
	}
	return failed;
}

static int usage(void)
{
	fprintf(stderr, "usage: hashtree [-j JOBS] [-p] DIRECTORY...\n");
	return 2;
}

async int main(int argc, char **argv)
{
	long jobs = sysconf(_SC_NPROCESSORS_ONLN);
	bool processes = false;
	int option, error = 0, status = 2;

	while ((option = getopt(argc, argv, "j:p")) != -1)
		if (option == 'j')
			jobs = atol(optarg);
		else if (option == 'p')
			processes = true;
		else
			return usage();
	if (optind == argc || jobs < 1 || jobs > 1000)
		return usage();
	for (int i = optind; i < argc && !error; i++) {
		error = await async_run_in_executor(NULL, collect(argv[i]));
		if (error)
			fprintf(stderr, "hashtree: %s: %s\n", argv[i], strerror(error));
	}
	if (error)
		return 2;
	if (n_paths)
		qsort(paths, n_paths, sizeof *paths, compare);
	struct hashed *hashed = calloc(n_paths + 1, sizeof *hashed);
	async_executor *pool =
	    processes ? async_process_pool_new((unsigned)jobs) : async_thread_pool_new((unsigned)jobs);
	if (!hashed || !pool) {
		fprintf(stderr, "hashtree: %s\n", strerror(ENOMEM));
		free(hashed);
		return 2;
	}
	async_try {
		await hash_all(pool, (size_t)jobs, hashed);
		status = print(hashed);
	} async_finally {
		async_executor_shutdown(pool, true);
		free(hashed);
		for (size_t i = 0; i < n_paths; i++)
			free((char *)paths[i]);
		free(paths);
	}
	return status;
}
