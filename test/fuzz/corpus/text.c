/* Text: splitting, justifying, searching, run lengths, anagrams, a wild-card matcher, base64, all with buffers in frames. */
#include "corpus.h"
#include <ctype.h>

static const char poem[] = "Wanderers Nachtlied: ueber allen Gipfeln ist Ruh, in allen Wipfeln spuerest du kaum einen Hauch; "
			   "die Voegelein schweigen im Walde. Warte nur, balde ruhest du auch.";

static async int next_char(const char **at)
{
	await pause_here();
	return **at ? (unsigned char)*(*at)++ : EOF;
}

static async size_t word(const char **at, char *out, size_t room)
{
	size_t n = 0;
	int c;
	while ((c = await next_char(at)) != EOF && isspace(c))
		;
	do {
		if (c == EOF || isspace(c))
			break;
		if (n + 1 < room)
			out[n++] = (char)c;
	} while ((c = await next_char(at)) != EOF);
	out[n] = '\0';
	return n;
}

static async int wrap(const char *text, int width, void (*emit)(const char *, int))
{
	char line[128] = "", piece[24];
	int lines = 0, used = 0;
	for (size_t n; (n = await word(&text, piece, sizeof piece)) > 0; used += (int)n + !!used) {
		if (used + (int)n + !!used > width) {
			await emit(line, ++lines);
			used = 0, line[0] = '\0';
		}
		if (used)
			strcat(line, " ");
		strcat(line, piece);
	}
	if (used)
		await emit(line, ++lines);
	return lines;
}

static async void show(const char *line, int number)
{
	await pause_here();
	printf("%2d %-32s|\n", number, line);
}

static async _Bool matches(const char *pattern, const char *text)
{
	await pause_here();
	switch (*pattern) {
	case '\0':
		return !*text;
	case '*':
		return await matches(pattern + 1, text) || (*text && await matches(pattern, text + 1));
	case '?':
		return *text && await matches(pattern + 1, text + 1);
	default:
		return *pattern == *text && await matches(pattern + 1, text + 1);
	}
}

static async int run_lengths(const char *text, char *out)
{
	char *start = out;
	for (int c = await next_char(&text), next, n; c != EOF; c = next) {
		for (n = 1; (next = await next_char(&text)) == c; n++)
			;
		out += n > 1 ? sprintf(out, "%d%c", n, c) : sprintf(out, "%c", c);
	}
	return (int)(out - start);
}

static async unsigned sextet(const unsigned char *bytes, int n, int i)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned bits = bytes[0] << 16 | (n > 1 ? bytes[1] << 8 : 0) | (n > 2 ? bytes[2] : 0);
	await pause_here();
	return i > n ? '=' : (unsigned char)letters[bits >> (18 - 6 * i) & 63];
}

static async char *base64(const void *data, size_t size, char *out)
{
	const unsigned char *p = data;
	for (size_t i = 0; i < size; i += 3)
		for (int k = 0, n = size - i < 3 ? (int)(size - i) : 3; k < 4; k++)
			*out++ = (char)await sextet(p + i, n, k);
	return *out = '\0', out;
}

static async int count(const char *haystack, const char *needle)
{
	int n = 0;
	for (const char *at = haystack; (at = strstr(at, needle)); at++, await pause_here())
		n++;
	return n;
}

async int main(void)
{
	char buffer[256];
	printf("%d lines\n", await wrap(poem, 30, show));
	static const char *const patterns[] = {"*", "Wand*auch.", "*all*ist*R??*", "*nobody*", "?anderers*", ""};
	for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++)
		printf("%s: %s\n", patterns[i], await matches(patterns[i], poem) ? "yes" : "no");
	int n = await run_lengths("aaabccddddde", buffer);
	printf("%s %d\n", buffer, n);
	char *end = await base64(poem, 32, buffer);
	printf("%s %d\n", buffer, (int)(end - buffer));
	printf("%d %d\n", await count(poem, "en"), await count(poem, "x"));
	return 0;
}
