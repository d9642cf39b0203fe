/* download.c: many files at once, by libcurl, on asyncc's loop.        cc ... -lcurl
 *
 *	download [-j JOBS] [-t SECONDS] [-d DIRECTORY] URL...
 *
 * libcurl's multi interface is all callbacks: it says which sockets it waits for and when it wants to be called, and we say
 * when that is so.  The upper half of this file makes an awaitable call of it, `await perform(curl, easy)`; the lower half then
 * reads like a program that downloads one file after the other.  A download that takes too long, or is interrupted, is
 * cancelled like any await.  One line a file on stdout: bytes, and the URL; status 1 if one failed. */
#include <async.h>
#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- libcurl as an awaitable ---- */

struct curl {
	CURLM *multi;
	async_call timer;
};

struct transfer { /* in the frame of perform */
	async_future(CURLcode) done;
};

static void finish_transfers(struct curl *curl)
{
	struct transfer *transfer;
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(curl->multi, &left))) {
		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&transfer);
		async_set_result(transfer->done, message->data.result);
	}
}

/* What a socket's callback needs to know.  libcurl keeps it for us, from the first time it names the socket. */
struct watched {
	struct curl *curl;
	curl_socket_t socket;
};

static void act(struct curl *curl, curl_socket_t socket, int events)
{
	int running;

	curl_multi_socket_action(curl->multi, socket, events, &running);
	finish_transfers(curl);
}

static void can_read(void *arg)
{
	struct watched watched = *(struct watched *)arg; /* acting may free it */
	act(watched.curl, watched.socket, CURL_CSELECT_IN);
}

static void can_write(void *arg)
{
	struct watched watched = *(struct watched *)arg;
	act(watched.curl, watched.socket, CURL_CSELECT_OUT);
}

static int watch_socket(CURL *easy, curl_socket_t socket, int what, void *arg, void *ours)
{
	struct curl *curl = arg;
	struct watched *watched = ours;

	(void)easy;
	if (!watched) {
		watched = malloc(sizeof *watched);
		if (!watched)
			return -1;
		*watched = (struct watched){curl, socket};
		curl_multi_assign(curl->multi, socket, watched);
	}
	if (what == CURL_POLL_IN || what == CURL_POLL_INOUT)
		async_add_reader(socket, can_read, watched);
	else
		async_remove_reader(socket);
	if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT)
		async_add_writer(socket, can_write, watched);
	else
		async_remove_writer(socket);
	if (what == CURL_POLL_REMOVE) {
		curl_multi_assign(curl->multi, socket, NULL);
		free(watched);
	}
	return 0;
}

static void time_is_up(void *arg)
{
	struct curl *curl = arg;
	curl->timer = 0;
	act(curl, CURL_SOCKET_TIMEOUT, 0);
}

static int set_timer(CURLM *multi, long milliseconds, void *arg)
{
	struct curl *curl = arg;

	(void)multi;
	async_cancel_call(curl->timer);
	curl->timer = milliseconds < 0 ? 0 : async_call_later((double)milliseconds / 1000, time_is_up, curl);
	return 0;
}

static struct curl *curl_open(void)
{
	struct curl *curl = calloc(1, sizeof *curl);

	if (!curl || curl_global_init(CURL_GLOBAL_DEFAULT) || !(curl->multi = curl_multi_init())) {
		free(curl);
		return NULL;
	}
	curl_multi_setopt(curl->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
	curl_multi_setopt(curl->multi, CURLMOPT_SOCKETDATA, curl);
	curl_multi_setopt(curl->multi, CURLMOPT_TIMERFUNCTION, set_timer);
	curl_multi_setopt(curl->multi, CURLMOPT_TIMERDATA, curl);
	return curl;
}

static void curl_close(struct curl *curl)
{
	curl_multi_cleanup(curl->multi);
	async_cancel_call(curl->timer);
	curl_global_cleanup();
	free(curl);
}

/* Makes the transfer that easy describes.  Cancelled, it is broken off. */
static async CURLcode perform(struct curl *curl, CURL *easy)
{
	struct transfer transfer = {.done = async_create_future(CURLcode)};
	CURLcode result = CURLE_OK;

	curl_easy_setopt(easy, CURLOPT_PRIVATE, &transfer);
	if (curl_multi_add_handle(curl->multi, easy))
		async_raise(ENOMEM, "libcurl does not take the transfer");
	async_try {
		result = await *transfer.done;
	} async_finally {
		curl_multi_remove_handle(curl->multi, easy);
	}
	return result;
}

/* ---- The program ---- */

static double patience = 60;
static const char *directory;
static char **urls;
static int n_urls, next_url, n_failed;

static const char *name_of(const char *url)
{
	const char *slash = strrchr(url, '/');
	return slash && slash[1] ? slash + 1 : "index.html";
}

static size_t write_nowhere(char *data, size_t size, size_t n, void *arg)
{
	(void)data, (void)arg;
	return size * n;
}

static async void download(struct curl *curl, const char *url)
{
	char path[4096] = "", problem[CURL_ERROR_SIZE] = "";
	FILE *file = NULL;
	CURL *easy = curl_easy_init();
	CURLcode result = CURLE_OUT_OF_MEMORY;
	curl_off_t size = 0;
	bool arrived = false;

	async_try {
		if (!easy)
			async_raise(ENOMEM, "%s", strerror(ENOMEM));
		if (directory && snprintf(path, sizeof path, "%s/%s", directory, name_of(url)) >= (int)sizeof path)
			async_raise(ENAMETOOLONG, "%s", strerror(ENAMETOOLONG));
		if (directory && !(file = fopen(path, "wb")))
			async_raise(errno, "%s: %s", path, strerror(errno));
		curl_easy_setopt(easy, CURLOPT_URL, url);
		curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L);
		curl_easy_setopt(easy, CURLOPT_FAILONERROR, 1L);
		curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
		curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, problem);
		if (!file)
			curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, write_nowhere);
		curl_easy_setopt(easy, CURLOPT_WRITEDATA, file);
		result = await async_wait_for(perform(curl, easy), patience);
		if (result)
			async_raise(EIO, "%s", problem[0] ? problem : curl_easy_strerror(result));
		curl_easy_getinfo(easy, CURLINFO_SIZE_DOWNLOAD_T, &size);
		arrived = true;
		printf("%10lld  %s\n", (long long)size, url);
	} async_except_error(err) {
		fprintf(stderr, "download: %s: %s\n", url, err.code == ASYNC_TIMEOUT ? "takes too long" : err.message);
		n_failed++;
	} async_finally {
		curl_easy_cleanup(easy);
		if (file)
			fclose(file);
		if (file && !arrived)
			remove(path); /* half a file is none */
	}
}

/* Each worker takes the next one, as long as there are any. */
static async void work(struct curl *curl)
{
	while (next_url < n_urls)
		await download(curl, urls[next_url++]);
}

static int usage(void)
{
	fprintf(stderr, "usage: download [-j JOBS] [-t SECONDS] [-d DIRECTORY] URL...\n");
	return 2;
}

async int main(int argc, char **argv)
{
	int option, jobs = 8;

	while ((option = getopt(argc, argv, "j:t:d:")) != -1)
		if (option == 'j')
			jobs = atoi(optarg);
		else if (option == 't')
			patience = atof(optarg);
		else if (option == 'd')
			directory = optarg;
		else
			return usage();
	urls = argv + optind;
	n_urls = argc - optind;
	if (!n_urls || jobs < 1 || patience <= 0)
		return usage();
	struct curl *curl = curl_open();
	if (!curl) {
		fprintf(stderr, "download: libcurl does not start\n");
		return 2;
	}
	async_try {
		async_task_group (group) {
			for (int i = 0; i < jobs && i < n_urls; i++)
				async_create_task_in(group, work(curl));
		}
	} async_finally {
		curl_close(curl);
	}
	return n_failed != 0;
}
